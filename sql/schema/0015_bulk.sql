-- SPDX-License-Identifier: Apache-2.0
--
-- Bulk import and export have a role of their own, jinzai_bulk. It may execute the functions of schema bulk, which run with
-- its rights: to read and to add rows of the tables that are exported, under row-level security as an administrator. It
-- changes and removes nothing. What it may reach is written anew with the functions (sql/api/86_bulk.sql), from the
-- catalogue, so that tables of later migrations need no word here.

do $$
begin
    execute format('grant connect, temporary on database %I to jinzai_bulk', current_database());
end
$$;
grant usage on schema core to jinzai_bulk;
grant usage on schema derive to jinzai_bulk;
grant usage on schema jinzai_meta to jinzai_bulk;
grant select on jinzai_meta.migration to jinzai_bulk;
