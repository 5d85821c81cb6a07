-- SPDX-License-Identifier: Apache-2.0
--
-- The first release is not cut while a record is just being filled: it would freeze the month's figures on the few people
-- that came first.

create or replace function derive.release_make_due() returns bigint
language plpgsql security definer as $$
declare
    v_month date := date_trunc('month', now() at time zone 'UTC');
    v_release core.release;
begin
    if exists (select from core.release r where r.month >= v_month) or not exists (select from core.figure_rule)
        or not exists (select from core.release)
            and not exists (select from core.person p where p.verified and p.created_at < now() - interval '1 day')
        or not pg_try_advisory_xact_lock(hashtextextended('jinzai release', 0)) then
        return 0;
    end if;
    v_release := derive.cut(v_month, 'R-' || to_char(v_month, 'YYYY-MM'), null);
    return 1;
exception when unique_violation then
    return 0; -- another daemon was as quick
end
$$;
comment on function derive.release_make_due() is
    'Cuts the present month''s release where there is none, the first one not before a verified person is on record for a day; returns how many it cut';
create index person_verified on core.person (created_at) where verified;
