-- SPDX-License-Identifier: Apache-2.0
--
-- Whether figures that were computed before are still those that would be computed now.
--
-- Every transaction that changes what figures are computed from leaves its number here. Figures carry as their stamp the
-- snapshot that they were computed from, and hold as long as no transaction is seen here that the snapshot did not see. A
-- snapshot knows which transactions were under way, so one that began before the figures and ended after them is not missed,
-- as it would be by the largest number or the latest time. Writers only append, and wait for nobody.

create table derive.figure_change (
    number xid8 not null default pg_current_xact_id(),
    live boolean not null,
    primary key (number, live)
);
comment on table derive.figure_change is 'Transactions that changed what figures on skills are computed from; emptied now and then';
comment on column derive.figure_change.number is 'The number of the transaction';
comment on column derive.figure_change.live is
    'Whether it changed what people hold, which live figures alone show before the next release; else all figures may have changed';
grant select on derive.figure_change to jinzai_api;
grant select, insert, delete on derive.figure_change to jinzai_derive;

create function derive.mark_figures() returns trigger
language plpgsql security definer as $$
begin
    insert into derive.figure_change (live) values (tg_table_name = 'supply_change') on conflict (number, live) do nothing;
    return null;
end
$$;
comment on function derive.mark_figures() is 'After a statement changed what figures are computed from: marks its transaction';

-- What follows from these in the same transaction, such as what a skill counts towards or the cells of a release, needs no
-- mark of its own. People count through the changes of supply that they cause; folding those changes no figure.
do $$
declare
    v_table text;
begin
    foreach v_table in array array['demand', 'figure_rule', 'organization', 'pillar', 'release', 'role', 'role_skill', 'skill'] loop
        execute format('create trigger mark_figures after insert or update or delete or truncate on core.%I '
            'for each statement execute function derive.mark_figures()', v_table);
    end loop;
end
$$;
create trigger mark_figures after insert on derive.supply_change for each statement execute function derive.mark_figures();

create function derive.figures_stamp(p_for text) returns text
language plpgsql stable as $$
begin
    return concat_ws(' ', pg_current_snapshot(), extract(epoch from pg_postmaster_start_time()), md5(p_for));
end
$$;
comment on function derive.figures_stamp(text) is
    'The stamp of figures that are computed in the same snapshot, by this server, for a caller and of a month that the text names';

create function derive.figures_hold(p_stamp text, p_for text, p_live boolean) returns boolean
language plpgsql stable as $$
declare
    v_seen constant pg_snapshot := split_part(p_stamp, ' ', 1);
begin
    -- Numbers of transactions mean something on the server that gave them alone.
    return derive.figures_stamp(p_for) = concat_ws(' ', pg_current_snapshot(), substr(p_stamp, strpos(p_stamp, ' ') + 1))
        and not exists (select from derive.figure_change c
            where c.number >= pg_snapshot_xmin(v_seen) and not pg_visible_in_snapshot(c.number, v_seen)
                and (p_live or not c.live));
end
$$;
comment on function derive.figures_hold(text, text, boolean) is
    'Whether figures with this stamp are those that would be computed now, for the same text; live: they count people as they are on record, and not as released';

create function derive.figure_change_tidy(p_keep bigint) returns void
language plpgsql security definer as $$
begin
    -- No stamp that is older than this transaction holds after it, since it marks itself, so what ended before can go. Numbers
    -- from the future are another server's, and came with a backup: with them no stamp would ever hold.
    if exists (select from derive.figure_change offset p_keep)
        or exists (select from derive.figure_change c where c.number >= pg_snapshot_xmax(pg_current_snapshot())) then
        delete from derive.figure_change;
        insert into derive.figure_change (live) values (false);
    end if;
end
$$;
comment on function derive.figure_change_tidy(bigint) is 'Empties the transactions that changed figures, where there are more than so many or some of another server; all stamps end with it';

alter function derive.mark_figures() owner to jinzai_derive;
alter function derive.figure_change_tidy(bigint) owner to jinzai_derive;
revoke execute on function derive.figure_change_tidy(bigint) from public;
grant execute on function derive.figure_change_tidy(bigint) to jinzai_api;

-- The daemon's sessions look names up in no schema. Of all functions this one alone names one of an extension.
alter function derive.erase_person(uuid, text) set search_path = public;
