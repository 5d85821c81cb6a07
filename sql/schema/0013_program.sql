-- SPDX-License-Identifier: Apache-2.0
--
-- Programs as they are run: waiting lists, what came of programs as figures, renewals of qualifications; and people who
-- were registered twice.
--
-- A session that is full has a waiting list. Its order is that of waiting_number, drawn under the session's lock; whenever
-- a seat comes free, by whatever way, derive.promote gives it to the first who waits. Whoever changes both a session and its
-- enrollments locks the session first, so that seats are counted by one at a time.

-- Waiting lists -----------------------------------------------------------------------------------

create sequence core.waiting_number cache 1;
alter table core.enrollment
    add column waiting_number bigint,
    add column admitted_at timestamptz,
    add column waived_by_id uuid constraint enrollment_waived_by references core.principal,
    add column waived_at timestamptz;
comment on column core.enrollment.waiting_number is 'Place in the order of the session''s waiting list; empty for who does not wait';
comment on column core.enrollment.admitted_at is 'When a seat was given; stays after a withdrawal, and is empty where nobody noted it';
comment on column core.enrollment.waived_by_id is 'Who waived the missing prerequisites';
comment on column core.enrollment.waived_at is 'When they were waived';
comment on constraint enrollment_waived_by on core.enrollment is 'prerequisites_waived: must be waived by a principal';
update core.enrollment e set waiting_number = x.n
from (select w.id, nextval('core.waiting_number') as n
      from (select y.id from core.enrollment y where y.status = 'waiting' order by y.applied_on, y.id) w) x
where x.id = e.id;
drop index core.enrollment_waiting;
create index enrollment_waiting on core.enrollment (session_id, waiting_number) where status = 'waiting';

create function core.enrollment_step() returns trigger
language plpgsql as $$
begin
    if new.status <> 'waiting' then
        new.waiting_number := null;
    elsif new.waiting_number is null then
        new.waiting_number := nextval('core.waiting_number');
    end if;
    if tg_op = 'UPDATE' and new.status = 'admitted' and old.status <> 'admitted' then
        new.admitted_at := now();
    end if;
    return new;
end
$$;
comment on function core.enrollment_step() is
    'Before an enrollment comes or changes: gives who begins to wait the next number, takes it from who does not wait, and notes when a seat was given';
create trigger step before insert or update on core.enrollment for each row execute function core.enrollment_step();

create function derive.promote(p_session uuid) returns integer
language plpgsql security definer as $$
declare
    v_capacity integer;
    v_taken integer;
    v_next uuid;
    v_promoted integer := 0;
begin
    perform from core.session s where s.id = p_session and s.status in ('planned', 'open', 'running') for no key update;
    if not found then
        return 0;
    end if;
    loop
        -- Somebody whose processing is restricted keeps the place, and is passed over.
        select e.id into v_next from core.enrollment e
        where e.session_id = p_session and e.status = 'waiting'
            and not exists (select from core.restriction r where r.person_id = e.person_id and r.lifted_at is null)
        order by e.waiting_number limit 1;
        exit when v_next is null;
        select coalesce(s.capacity, p.capacity), (
                select count(*) from core.enrollment e
                where e.session_id = s.id and e.status in ('admitted', 'attending', 'completed', 'failed'))
            into v_capacity, v_taken
        from core.session s join core.program p on p.id = s.program_id
        where s.id = p_session;
        exit when v_taken >= v_capacity;
        update core.enrollment e set status = 'admitted' where e.id = v_next;
        v_promoted := v_promoted + 1;
    end loop;
    return v_promoted;
end
$$;
comment on function derive.promote(uuid) is
    'Gives the free seats of a session to the first who wait for them, one by one; returns how many were promoted';

create function derive.follow_seats() returns trigger
language plpgsql security definer as $$
declare
    v_session uuid;
begin
    if tg_table_name = 'session' then
        perform derive.promote(new.id);
        return null;
    elsif tg_table_name = 'program' then
        for v_session in select s.id from core.session s where s.program_id = new.id and s.capacity is null order by s.id loop
            perform derive.promote(v_session);
        end loop;
        return null;
    elsif tg_op = 'DELETE' then
        for v_session in
            select distinct o.session_id from before o where o.status in ('admitted', 'attending', 'completed', 'failed') order by 1
        loop
            perform derive.promote(v_session);
        end loop;
        return null;
    end if;
    for v_session in
        select distinct o.session_id from before o join after n on n.id = o.id
        where o.status in ('admitted', 'attending', 'completed', 'failed')
            and n.status not in ('admitted', 'attending', 'completed', 'failed')
        order by 1
    loop
        perform derive.promote(v_session);
    end loop;
    return null;
end
$$;
comment on function derive.follow_seats() is 'After seats may have come free: promotes who waits for them';
create trigger seats_update after update on core.enrollment referencing old table as before new table as after
    for each statement execute function derive.follow_seats();
create trigger seats_delete after delete on core.enrollment referencing old table as before
    for each statement execute function derive.follow_seats();
create trigger seats after update on core.session for each row
    when ((old.capacity, old.status) is distinct from (new.capacity, new.status)) execute function derive.follow_seats();
create trigger seats after update on core.program for each row
    when (old.capacity is distinct from new.capacity) execute function derive.follow_seats();
grant update (version) on core.session to jinzai_derive; -- what locking a row asks for

create function derive.lock_sessions(p_people uuid[]) returns void
language plpgsql security definer as $$
begin
    perform from core.session s
    where s.id in (select e.session_id from core.enrollment e where e.person_id = any (p_people)
                   and e.status in ('applied', 'waiting', 'admitted', 'attending'))
    order by s.id for no key update;
end
$$;
comment on function derive.lock_sessions(uuid[]) is
    'Locks the sessions in which these people may hold or wait for a seat, before their enrollments are changed with them';

-- Renewals ----------------------------------------------------------------------------------------

alter table core.person_qualification
    add column renews_id uuid constraint person_qualification_renews references core.person_qualification;
create index person_qualification_renewed on core.person_qualification (renews_id) where renews_id is not null;
comment on column core.person_qualification.renews_id is 'The certification that it renews; empty for a first one';
comment on constraint person_qualification_renews on core.person_qualification is 'ref: must be a certification that exists';

-- What qualification.expiring discloses across a border is what certification.list does.
do $$
declare
    v_text text := pg_get_functiondef('derive.people_gate(uuid[], text, text, text)'::regprocedure);
    v_new text := replace(v_text, 'when ''certification'' then array[''certification'']',
        'when ''certification'' then array[''certification''] when ''qualification'' then array[''certification'']');
begin
    if v_new = v_text then
        raise exception 'derive.people_gate is not written as this migration knows it';
    end if;
    execute v_new;
end
$$;

-- What came of programs ---------------------------------------------------------------------------

-- Figures on people: outsiders read them from releases (0009), by the same cell-key method over the same record keys, and
-- frozen with them. People are counted once a program, at what came of their furthest enrollment.

create function derive.outcome(p_program uuid, p_month date, p_verified boolean)
returns table (program_id uuid, measure text, heads bigint, keys bigint, days numeric, gained numeric)
language plpgsql stable as $$
begin
    return query
    with taken as (
        select s.program_id, coalesce(e.person_id, e.id) as who, e.person_id, p.record_key, lower(s.held) as began,
            case when e.status = 'completed' and e.completed_on > p_month then 'attending' else e.status end as status,
            case when e.status = 'completed' and e.completed_on <= p_month then e.completed_on end as completed_on
        from core.enrollment e
        join core.session s on s.id = e.session_id
        left join core.person p on p.id = e.person_id
        where (p_program is null or s.program_id = p_program) and lower(s.held) <= p_month and s.status <> 'cancelled'
            and (e.status in ('admitted', 'attending', 'completed', 'failed') or e.status = 'withdrawn' and e.admitted_at is not null)
            and (not p_verified or p.verified)
    ), furthest as (
        select distinct on (t.program_id, t.who) t.*
        from taken t
        order by t.program_id, t.who, array_position(array['completed', 'attending', 'admitted', 'failed', 'withdrawn'], t.status),
            t.completed_on, t.began
    ), judged as (
        select f.*, f.completed_on - f.began + 1 as took, g.gained,
            f.completed_on + interval '1 year' <= p_month as due,
            exists (select from core.affiliation a
                where a.person_id = f.person_id and coalesce(upper(a.valid), 'infinity') > f.completed_on) as known,
            exists (select from core.affiliation a
                where a.person_id = f.person_id and a.valid @> (f.completed_on + interval '1 year')::date) as stayed
        from furthest f
        left join lateral (
            select avg(greatest(coalesce(n.level_verified, 0) - coalesce(o.level_verified, 0), 0)) as gained
            from core.program_skill k
            left join derive.timeline n on n.person_id = f.person_id and n.skill_id = k.skill_id and n.days @> f.completed_on
            left join derive.timeline o on o.person_id = f.person_id and o.skill_id = k.skill_id and o.days @> f.completed_on - 1
            where k.program_id = f.program_id and k.relation = 'teaches' and f.person_id is not null and f.completed_on is not null
        ) g on true
    )
    select j.program_id, m.measure, count(*), sum(coalesce(j.record_key, 0))::bigint,
        avg(j.took) filter (where m.measure = 'completed'), avg(j.gained) filter (where m.measure = 'completed')
    from judged j
    cross join lateral (values
        ('enrolled', true), ('finished', j.status in ('completed', 'failed', 'withdrawn')), ('completed', j.status = 'completed'),
        ('failed', j.status = 'failed'), ('withdrawn', j.status = 'withdrawn'), ('due', j.due), ('known', j.due and j.known),
        ('stayed', j.due and j.known and j.stayed)) as m (measure, counts)
    where m.counts
    group by j.program_id, m.measure;
end
$$;
comment on function derive.outcome(uuid, date, boolean) is
    'What came of a program (null: of each) by a month, of all people or of those whose record is verified: how many, their keys, and for who completed it the mean days from the session''s first to completion and the mean levels gained over what is taught. due: completed a year ago or longer; known: of these, with an affiliation then or since; stayed: with one a year after. Sessions that began by then count';

create table derive.release_outcome (
    release_id uuid not null references core.release,
    program_id uuid not null references core.program,
    measure text not null,
    heads bigint not null,
    days numeric(8, 0),
    gained numeric(4, 1),
    primary key (release_id, program_id, measure)
);
comment on table derive.release_outcome is 'Published outcomes of programs. What is published as zero has no row, whether it was zero or not';
comment on column derive.release_outcome.release_id is 'The release';
comment on column derive.release_outcome.program_id is 'The program';
comment on column derive.release_outcome.measure is 'What is counted: enrolled, finished, completed, failed, withdrawn, due, known or stayed';
comment on column derive.release_outcome.heads is 'Published heads';
comment on column derive.release_outcome.days is 'Published mean days to completion; null where it is hidden';
comment on column derive.release_outcome.gained is 'Published mean levels gained; null where it is hidden';

create function derive.cut_outcomes() returns trigger
language plpgsql security definer as $$
declare
    v_rule core.figure_rule;
    v_common bigint;
begin
    -- A release that is brought in from elsewhere was cut there, from what was true then.
    if new.created_at <> now() then
        return null;
    end if;
    select * into v_rule from core.figure_rule r where r.version = new.rule;
    select max(p.heads) into v_common from derive.perturbation p where p.rule = v_rule.version;
    insert into derive.release_outcome (release_id, program_id, measure, heads, days, gained)
    select new.id, c.program_id, c.measure, c.heads + c.noise,
        case when c.heads + c.noise >= v_rule.fte_threshold_heads then
            round(c.days * derive.noise_factor(c.key + 1, v_rule.fte_noise_min_percent, v_rule.fte_noise_max_percent)) end,
        case when c.heads + c.noise >= v_rule.fte_threshold_heads then
            round(c.gained * derive.noise_factor(c.key + 2, v_rule.fte_noise_min_percent, v_rule.fte_noise_max_percent), 1) end
    from (
        select o.program_id, o.measure, o.heads, o.days, o.gained, o.keys & 4294967295 as key, (
            select p.noise from derive.perturbation p
            where p.rule = v_rule.version and p.heads = least(o.heads, v_common) and p.below > (o.keys & 4294967295)
            order by p.below limit 1) as noise
        from derive.outcome(null, new.month, true) o) c
    where c.heads + c.noise > 0;
    return null;
end
$$;
comment on function derive.cut_outcomes() is
    'After a release was made: counts what came of programs by its month in the verified record, perturbs each count, and freezes that with it';
-- An import brings the cells that were frozen.
create trigger outcomes after insert on core.release for each row when (current_user <> 'jinzai_bulk') execute function derive.cut_outcomes();

create function derive.publish_outcome(p_program uuid, p_month date, p_release text)
returns table (measure text, heads bigint, days numeric, gained numeric, live boolean, known boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
    v_live boolean;
begin
    v_live := v_see.live or exists (select from core.program p where p.id = p_program and p.provider_id = v_see.own_id);
    return query
    select m.measure, case when v_live then coalesce(o.heads, 0) when v_see.release_id is not null then coalesce(c.heads, 0) end,
        case when v_live then o.days else c.days end, case when v_live then o.gained else c.gained end,
        v_live, v_live or v_see.release_id is not null
    from unnest(array['enrolled', 'finished', 'completed', 'failed', 'withdrawn', 'due', 'known', 'stayed']) as m (measure)
    left join derive.outcome(p_program, p_month, false) o on v_live and o.measure = m.measure
    left join derive.release_outcome c on not v_live and c.release_id = v_see.release_id and c.program_id = p_program
        and c.measure = m.measure;
end
$$;
comment on function derive.publish_outcome(uuid, date, text) is
    'The one way by which figures on who went through a program leave: live to administrators and to the program''s provider, to others as a release published them';

-- People who were registered twice ----------------------------------------------------------------

alter table core.person
    add column merged_at timestamptz,
    add column merged_by_id uuid constraint person_merged_by references core.principal,
    add column merged_reason text;
alter table core.person alter column merged_reason set statistics 0;
comment on column core.person.merged_at is 'When it was merged';
comment on column core.person.merged_by_id is 'Who merged it';
comment on column core.person.merged_reason is 'Why it was merged';
comment on constraint person_merged_by on core.person is 'ref: must be merged by a principal';

-- Who kept a record that was merged into another goes on seeing, and keeping, the one that it went into.
do $$
declare
    v_text text := pg_get_functiondef('derive.belong(uuid[])'::regprocedure);
    v_new text;
begin
    v_new := replace(replace(v_text, 'p.keeper_id as organization_id, p.id as person_id', 'p.keeper_id as organization_id, v_person as person_id'),
        'where p.id = v_person and p.keeper_id is not null', 'where (p.id = v_person or p.merged_into_id = v_person) and p.keeper_id is not null');
    if v_new not like '%v_person as person_id%' or v_new not like '%p.merged_into_id = v_person%' then
        raise exception 'derive.belong is not written as this migration knows it';
    end if;
    execute v_new;
end
$$;

create function derive.merged_into(p_ref text) returns uuid
language plpgsql stable security definer as $$
begin
    if core.is_uuid(p_ref) then
        return (select p.merged_into_id from core.person p where p.id = p_ref::uuid);
    end if;
    return (select p.merged_into_id from core.person p where p.code = p_ref);
end
$$;
comment on function derive.merged_into(text) is
    'Where the record with this UUID or code went when it was merged, whoever asks; null where it was not. Whether the caller sees that one is for row-level security to say';

create function derive.merged_codes(p_person uuid) returns text[]
language plpgsql stable security definer as $$
begin
    return array(select p.code::text from core.person p where p.merged_into_id = p_person order by p.code);
end
$$;
comment on function derive.merged_codes(uuid) is 'The codes of the records that were merged into this one';

create function derive.merge_affiliations(p_stays uuid, p_goes uuid) returns void
language plpgsql as $$
declare
    v_row core.affiliation;
    v_ids uuid[];
    v_span daterange;
    v_what text;
    v_day date;
begin
    select string_agg(format('%s and %s', a.id, b.id), '; ' order by a.id, b.id) into v_what
    from core.affiliation a
    join core.affiliation b on b.organization_id = a.organization_id and b.valid && a.valid
    where a.person_id = p_stays and b.person_id = p_goes and a.fte <> b.fte;
    if v_what is not null then
        perform core.fail('conflict', 'on the same days both records are with the same organization at different FTE: affiliations ' || v_what,
            'duplicate', 'affiliations that agree; change or end one of them first');
    end if;
    -- The same organization at the same FTE on the same days is one affiliation, registered twice.
    for v_row in
        select b.* from core.affiliation b
        where b.person_id = p_goes and exists (
            select from core.affiliation a
            where a.person_id = p_stays and a.organization_id = b.organization_id and a.valid && b.valid)
        order by lower(b.valid)
    loop
        v_span := v_row.valid;
        v_ids := '{}';
        declare
            v_same core.affiliation;
        begin
            for v_same in
                select a.* from core.affiliation a
                where a.person_id = p_stays and a.organization_id = v_row.organization_id and a.valid && v_row.valid
                order by lower(a.valid)
            loop
                v_span := v_span + v_same.valid;
                v_ids := v_ids || v_same.id;
            end loop;
        end;
        delete from core.affiliation a where a.id = v_row.id or a.id = any (v_ids[2:]);
        update core.affiliation a set valid = v_span where a.id = v_ids[1] and a.valid <> v_span;
    end loop;
    select x.day, string_agg(x.id::text, ', ' order by x.id) into v_day, v_what
    from (
        select d.day, b.id, sum(b.fte) over (partition by d.day) as together
        from (select distinct lower(a.valid) as day from core.affiliation a where a.person_id in (p_stays, p_goes)) d
        join core.affiliation b on b.person_id in (p_stays, p_goes) and b.valid @> d.day) x
    where x.together > 1
    group by x.day order by x.day limit 1;
    if v_day is not null then
        perform core.fail('conflict', format('on %s the affiliations of both records would together be above 1.0 FTE: affiliations %s',
            v_day, v_what), 'duplicate', 'affiliations that are together at most 1.0 FTE; change or end one of them first');
    end if;
    update core.affiliation a set person_id = p_stays where a.person_id = p_goes;
end
$$;
comment on function derive.merge_affiliations(uuid, uuid) is
    'Moves affiliations to the record that stays: those of the same organization at the same FTE that overlap become one, others that cannot be true together end the call';

create function derive.merge_qualifications(p_stays uuid, p_goes uuid) returns void
language plpgsql as $$
declare
    v_row record;
    v_what text;
begin
    select string_agg(format('%s and %s', x.a_id, x.b_id), '; ' order by x.a_id, x.b_id) into v_what
    from (
        select a.id as a_id, b.id as b_id, a.number <> b.number as differ, count(*) over (partition by b.id) as of_b,
            count(*) over (partition by a.id) as of_a
        from core.person_qualification a
        join core.person_qualification b on b.qualification_id = a.qualification_id and b.valid && a.valid
        where a.person_id = p_stays and b.person_id = p_goes) x
    where coalesce(x.differ, false) or x.of_a > 1 or x.of_b > 1;
    if v_what is not null then
        perform core.fail('conflict', 'both records hold the same qualification on the same days under different numbers or spans: certifications '
            || v_what, 'duplicate', 'certifications that agree; change one of them first');
    end if;
    for v_row in
        select a.id as stays_id, b.id as goes_id, a.valid + b.valid as valid, coalesce(a.number, b.number) as number,
            coalesce(a.renews_id, b.renews_id) as renews_id
        from core.person_qualification a
        join core.person_qualification b on b.qualification_id = a.qualification_id and b.valid && a.valid
        where a.person_id = p_stays and b.person_id = p_goes
    loop
        update core.person_qualification q set renews_id = v_row.stays_id where q.renews_id = v_row.goes_id;
        delete from core.person_qualification q where q.id = v_row.goes_id;
        update core.person_qualification q set valid = v_row.valid, number = v_row.number, renews_id = v_row.renews_id
        where q.id = v_row.stays_id;
    end loop;
    update core.person_qualification q set person_id = p_stays where q.person_id = p_goes;
end
$$;
comment on function derive.merge_qualifications(uuid, uuid) is
    'Moves certifications to the record that stays: one that was registered twice becomes one, others that overlap end the call';

create function derive.merge_enrollments(p_stays uuid, p_goes uuid) returns void
language plpgsql as $$
declare
    v_what text;
begin
    select string_agg(format('%s and %s', a.code, b.code), '; ' order by a.code, b.code) into v_what
    from core.enrollment a join core.enrollment b on b.session_id = a.session_id
    where a.person_id = p_stays and b.person_id = p_goes
        and a.status in ('completed', 'failed') and b.status in ('completed', 'failed');
    if v_what is not null then
        perform core.fail('conflict', 'both records have a result in the same session: enrollments ' || v_what,
            'duplicate', 'one result in a session; correct one of them to withdrawn first');
    end if;
    -- Twice in one session: the enrollment that is further stays, or else the earlier one, and the other is withdrawn.
    update core.enrollment e set status = 'withdrawn'
    from (
        select case when (x.a_rank, x.b_applied, x.b_id) >= (x.b_rank, x.a_applied, x.a_id) then x.b_id else x.a_id end as id
        from (
            select a.id as a_id, b.id as b_id, a.applied_on as a_applied, b.applied_on as b_applied,
                array_position(r.steps, a.status) as a_rank, array_position(r.steps, b.status) as b_rank
            from (select array['applied', 'waiting', 'admitted', 'attending', 'failed', 'completed'] as steps) r
            cross join core.enrollment a join core.enrollment b on b.session_id = a.session_id
            where a.person_id = p_stays and b.person_id = p_goes and a.status <> 'withdrawn' and b.status <> 'withdrawn') x) w
    where e.id = w.id;
    update core.enrollment e set person_id = p_stays where e.person_id = p_goes;
end
$$;
comment on function derive.merge_enrollments(uuid, uuid) is
    'Moves enrollments to the record that stays: of two in one session the further one stays and the other is withdrawn; two results end the call';

create function derive.merge_exchanges(p_stays uuid, p_goes uuid) returns void
language plpgsql as $$
declare
    v_what text;
    v_day date;
begin
    select string_agg(e.code, ', ' order by e.code) into v_what from core.exchange e
    where e.person_id = p_stays and e.counterpart_person_id = p_goes or e.person_id = p_goes and e.counterpart_person_id = p_stays;
    if v_what is not null then
        perform core.fail('conflict', 'one record is the counterpart of the other, and nobody is their own: exchanges ' || v_what,
            'duplicate', 'another counterpart for these exchanges first');
    end if;
    select string_agg(format('%s and %s', a.code, b.code), '; ' order by a.code, b.code) into v_what
    from core.exchange a join core.exchange b on b.held && a.held
    where a.person_id = p_stays and b.person_id = p_goes and a.in_person and b.in_person
        and a.status in ('approved', 'active', 'completed') and b.status in ('approved', 'active', 'completed');
    if v_what is not null then
        perform core.fail('conflict', 'the person would be present on two exchanges on the same days: exchanges ' || v_what,
            'duplicate', 'exchanges that do not overlap; correct or cancel one of them first');
    end if;
    select x.day, string_agg(x.code, ', ' order by x.code) into v_day, v_what
    from (
        select d.day, f.code, sum(f.fte) over (partition by d.day) as together
        from (select distinct lower(e.held) as day from core.exchange e where e.person_id in (p_stays, p_goes)) d
        join core.exchange f on f.person_id in (p_stays, p_goes) and f.held @> d.day
            and f.status in ('approved', 'active', 'completed')) x
    where x.together > 1
    group by x.day order by x.day limit 1;
    if v_day is not null then
        perform core.fail('conflict', format('on %s the exchanges of both records would together be above 1.0 FTE: exchanges %s', v_day, v_what),
            'duplicate', 'exchanges that are together at most 1.0 FTE; correct or cancel one of them first');
    end if;
    update core.exchange e set person_id = p_stays where e.person_id = p_goes;
    update core.exchange e set counterpart_person_id = p_stays where e.counterpart_person_id = p_goes;
    -- Twice in one workshop is once, for the more days.
    update core.exchange_participant a set days = greatest(a.days, b.days), organization_id = coalesce(a.organization_id, b.organization_id)
    from core.exchange_participant b
    where a.person_id = p_stays and b.person_id = p_goes and b.exchange_id = a.exchange_id;
    delete from core.exchange_participant b using core.exchange_participant a
    where a.person_id = p_stays and b.person_id = p_goes and b.exchange_id = a.exchange_id;
    update core.exchange_participant p set person_id = p_stays where p.person_id = p_goes;
end
$$;
comment on function derive.merge_exchanges(uuid, uuid) is
    'Moves exchanges and places in workshops to the record that stays; those that cannot be true together end the call';

create function derive.merge_people(p_stays uuid, p_goes uuid, p_if_version bigint, p_reason text) returns core.person
language plpgsql security definer as $$
declare
    v_stays core.person;
    v_goes core.person;
    v_table record;
begin
    if not (core.caller_records_all() or (
        select count(*) = 2 and coalesce(bool_or(b.kept_until > current_date), false) from derive.belonging b
        where b.organization_id = core.caller_records() and b.person_id in (p_stays, p_goes))) then
        perform core.fail('denied', 'coordinators merge records that both belong to their own organization, one of which it keeps',
            'duplicate', 'a person who belongs to your organization, as the other does');
    end if;
    if p_stays = p_goes then
        perform core.fail('invalid_params', 'both are the same record', 'duplicate', 'another record of the same person');
    end if;
    perform derive.lock_sessions(array[p_stays, p_goes]);
    perform from core.person p where p.id in (p_stays, p_goes) order by p.id for update;
    select * into v_stays from core.person p where p.id = p_stays;
    select * into v_goes from core.person p where p.id = p_goes;
    perform core.check_version(p_if_version, v_stays.version);
    if num_nulls(v_stays.id, v_goes.id) > 0 or num_nonnulls(v_stays.merged_into_id, v_goes.merged_into_id) > 0 then
        perform core.fail('conflict', 'one of the records was merged or erased meanwhile', 'duplicate', 'two records that are there');
    end if;
    if v_stays.synthetic <> v_goes.synthetic then
        perform core.fail('conflict', 'one of the records was made up for trying the program out, and the other was not', 'duplicate',
            'two real records, or two that were made up');
    end if;
    if v_stays.researcher_id <> v_goes.researcher_id then
        perform core.fail('conflict', 'the records have different researcher identifiers', 'duplicate',
            'records of one person; correct the researcher_id of one of them first');
    end if;
    if v_stays.birth_cohort <> v_goes.birth_cohort then
        perform core.fail('conflict', 'the records have different birth cohorts', 'duplicate',
            'records of one person; correct the birth_cohort of one of them first');
    end if;
    if exists (select from core.restriction r where r.person_id in (p_stays, p_goes) and r.lifted_at is null) then
        perform core.fail('conflict', 'processing of one of the records is restricted', 'duplicate', 'records that are not restricted');
    end if;

    update core.holding h set person_id = p_stays where h.person_id = p_goes;
    perform derive.merge_affiliations(p_stays, p_goes);
    perform derive.merge_qualifications(p_stays, p_goes);
    perform derive.merge_enrollments(p_stays, p_goes);
    perform derive.merge_exchanges(p_stays, p_goes);
    -- All else that refers to people, found by the foreign keys so that no table that comes later is left behind. What is
    -- derived follows by itself, and what was read and disclosed stays under the reference that it was logged with.
    for v_table in
        select c.conrelid::regclass as name, a.attname
        from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = 'core.person'::regclass and cardinality(c.conkey) = 1
            and c.connamespace = 'core'::regnamespace and c.conrelid <> c.confrelid
        order by 1, 2
    loop
        execute format('update %s set %I = $1 where %2$I = $2', v_table.name, v_table.attname) using p_stays, p_goes;
    end loop;

    update core.person p set merged_into_id = p_stays where p.merged_into_id = p_goes;
    update core.person p set
        merged_into_id = p_stays, merged_at = now(), merged_by_id = core.caller_id(), merged_reason = p_reason,
        researcher_id = null
    where p.id = p_goes;
    update core.person p set
        name = coalesce(p.name, v_goes.name),
        birth_cohort = coalesce(p.birth_cohort, v_goes.birth_cohort),
        researcher_id = coalesce(p.researcher_id, v_goes.researcher_id),
        keeper_id = coalesce(p.keeper_id, v_goes.keeper_id),
        -- Verified is what somebody looked at: the whole of it.
        verified = p.verified and v_goes.verified,
        -- Its affiliations and the like stand in tables of their own; a change of them is a change of the person.
        updated_at = now()
    where p.id = p_stays
    returning * into v_stays;
    perform derive.belong(array[p_stays, p_goes]);
    return v_stays;
end
$$;
comment on function derive.merge_people(uuid, uuid, bigint, text) is
    'Merges a record into another of the same person: all that refers to it is moved, overlaps are resolved or end the call, and it goes on answering with where it went';

create function derive.check_merged() returns trigger
language plpgsql security definer as $$
declare
    v_column text;
    v_found boolean;
begin
    -- Who found the record before it was merged, and waited for that to end, must look again.
    v_found := exists (select from after n join core.person p on p.id = n.person_id where p.merged_into_id is not null);
    foreach v_column in array coalesce(tg_argv, '{}') loop
        exit when v_found;
        execute format('select exists (select from after n join core.person p on p.id = n.%I where p.merged_into_id is not null)', v_column)
            into v_found;
    end loop;
    if v_found then
        perform core.fail('unavailable', 'the person''s record was merged into another meanwhile; try again');
    end if;
    return null;
end
$$;
comment on function derive.check_merged() is
    'After records on people came: refuses those on a record that was merged away meanwhile. Arguments: the columns beside person_id that hold people';

do $$
declare
    v_row record;
begin
    for v_row in
        select c.conrelid::regclass as name, coalesce(string_agg(quote_literal(a.attname), ', ' order by a.attname)
            filter (where a.attname <> 'person_id'), '') as columns
        from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = 'core.person'::regclass and c.connamespace = 'core'::regnamespace and c.conrelid <> c.confrelid
        group by c.conrelid
    loop
        execute format('create trigger unmerged_insert after insert on %s referencing new table as after '
            'for each statement execute function derive.check_merged(%s)', v_row.name, v_row.columns);
        -- Updates name other people in exchanges alone.
        if v_row.columns <> '' then
            execute format('create trigger unmerged_update after update on %s referencing new table as after '
                'for each statement execute function derive.check_merged(%s)', v_row.name, v_row.columns);
        end if;
    end loop;
end
$$;

do $$
declare
    v_row record;
begin
    for v_row in
        select unnest(array['check_merged()', 'promote(uuid)', 'follow_seats()', 'lock_sessions(uuid[])', 'cut_outcomes()', 'publish_outcome(uuid, date, text)',
            'merged_into(text)', 'merged_codes(uuid)', 'merge_people(uuid, uuid, bigint, text)']) as name
    loop
        execute format('alter function derive.%s owner to jinzai_derive', v_row.name);
    end loop;
    -- Tables that refer to people and came since 0008 move with them.
    for v_row in
        select distinct c.conrelid::regclass as name from pg_constraint c
        where c.contype = 'f' and c.confrelid = 'core.person'::regclass and c.connamespace = 'core'::regnamespace
    loop
        execute format('grant select, update on %s to jinzai_derive', v_row.name);
    end loop;
end
$$;
grant insert on derive.release_outcome to jinzai_derive;
revoke execute on function derive.outcome(uuid, date, boolean), derive.promote(uuid), derive.merge_affiliations(uuid, uuid),
    derive.merge_qualifications(uuid, uuid), derive.merge_enrollments(uuid, uuid), derive.merge_exchanges(uuid, uuid) from jinzai_api;
revoke select on derive.release_outcome from jinzai_api;
