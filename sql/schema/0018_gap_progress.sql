-- SPDX-License-Identifier: Apache-2.0
--
-- What the actions on a gap have contributed over time, so that expected and actual can be compared as of any day.

create table core.gap_progress (
    id uuid primary key default core.uuid7(),
    action_id uuid not null constraint gap_progress_action references core.gap_action on delete cascade,
    recorded_at timestamptz not null default clock_timestamp(),
    actual_fte numeric(12, 3)
);
create index gap_progress_by_action on core.gap_progress (action_id, recorded_at);
comment on table core.gap_progress is 'What each action on a gap was last known to have contributed, as it was recorded; rows are only added';
comment on column core.gap_progress.id is 'Stable identifier';
comment on column core.gap_progress.action_id is 'The action';
comment on column core.gap_progress.recorded_at is 'When it was recorded';
comment on column core.gap_progress.actual_fte is 'FTE contributed until then; empty where that was taken back';

create function derive.gap_progress_write() returns trigger
language plpgsql security definer as $$
begin
    insert into core.gap_progress (action_id, actual_fte) values (new.id, new.actual_fte);
    return null;
end
$$;
comment on function derive.gap_progress_write() is 'Keeps each value of an action''s contribution';
alter function derive.gap_progress_write() owner to jinzai_derive;
grant insert on core.gap_progress to jinzai_derive;
revoke insert, update, delete on core.gap_progress from jinzai_api;
-- An import brings the history that there was.
create trigger progress_first after insert on core.gap_action
    for each row when (new.actual_fte is not null and current_user <> 'jinzai_bulk') execute function derive.gap_progress_write();
create trigger progress after update on core.gap_action
    for each row when (new.actual_fte is distinct from old.actual_fte) execute function derive.gap_progress_write();
insert into core.gap_progress (action_id, recorded_at, actual_fte)
select a.id, a.updated_at, a.actual_fte from core.gap_action a where a.actual_fte is not null;
