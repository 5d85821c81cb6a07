-- SPDX-License-Identifier: Apache-2.0
--
-- Figures that expose nobody: how counts of people leave their organization.
--
--   supply_rollup, supply_balance ──derive.cut──> release_cell ──derive.publish──> functions of schema api
--   (of verified people, by verified evidence)    (perturbed)    (the one way out)
--
-- A release is frozen when it is cut: for one month it holds each cell as it is published, and nothing else; what was
-- true is not in it. One month, because people whom an attacker adds month by month to the same cell would otherwise
-- draw its noise once a month within one release.
--
-- Counts go through the cell-key method (daemon/model/perturbation.h names the sources): a cell's key is the sum of its
-- people's record keys modulo 2^32, and key and count find the noise in the rule's table. The same people in a cell get the same
-- noise, whatever question they are counted for. Each cell is perturbed by itself, so that published cells need not add
-- up to a published total.
--
-- FTE follows the published count, so that it does not undo the count's noise: it is the cell's FTE times published over
-- counted heads, times a factor of magnitude noise that is drawn from the key and kept away from 1 (Evans, Zayatz and
-- Slanta 1998, Using Noise for Disclosure Limitation of Establishment Tabular Data, Journal of Official Statistics 14),
-- rounded to 0.5. It is hidden where fewer heads are published than the rule asks for.
--
-- Functions of schema api cannot reach what is counted: reading supply is revoked from their role.

-- The verified record -----------------------------------------------------------------------------

-- A third class beside verified and declared: 'assured' repeats what is verified of people whose record is verified.
alter table derive.supply_change drop constraint supply_change_evidence;
alter table derive.supply_change add constraint supply_change_evidence check (evidence in ('verified', 'declared', 'assured'));
comment on column derive.supply_change.evidence is
    'verified; declared: what self-declared holdings add to it (or take from it, at the lower level); assured: the part of verified that is of people whose record is verified';
comment on column derive.supply_balance.evidence is 'verified; what self-declared holdings add; or what of verified is assured';
comment on column derive.supply_rollup.evidence is 'verified; what self-declared holdings add; or what of verified is assured';
comment on column derive.supply_opening.evidence is 'verified; what self-declared holdings add; or what of verified is assured';
alter table derive.location add column verified boolean not null default false;
comment on column derive.location.verified is 'Whether the person''s record is verified';

create or replace function derive.locate(p_person uuid) returns void
language plpgsql as $$
begin
    delete from derive.location l where l.person_id = p_person;
    insert into derive.location (person_id, organization_id, starts, months, heads, fte, birth_cohort, record_key, verified)
    with post as materialized (
        select core.months(a.valid) as months, a.organization_id, a.fte, lower(a.valid) as since, a.id
        from core.affiliation a where a.person_id = p_person
    ), away as materialized (
        select core.months(e.held) as months, e.home_id, e.host_id, e.fte
        from core.exchange e
        where e.person_id = p_person and e.status in ('approved', 'active', 'completed')
    ), span as (
        select p.months from post p where not isempty(p.months)
        union all
        select a.months from away a where not isempty(a.months)
    ), edge as (
        select lower(s.months) as month from span s
        union
        select upper(s.months) from span s where not upper_inf(s.months)
    ), piece as (
        select daterange(e.month, lead(e.month) over (order by e.month)) as months from edge e
    ), home as (
        select p.months, o.organization_id, o.fte,
            row_number() over (partition by p.months order by o.fte desc, o.since, o.id) as place
        from piece p join post o on o.months @> lower(p.months)
    ), moved as (
        select h.months, a.home_id, a.host_id,
            trunc(a.fte * least(1, h.fte / sum(a.fte) over (partition by h.months, a.home_id)), 3) as fte
        from home h
        join away a on a.months @> lower(h.months) and a.home_id = h.organization_id
    ), placed as (
        select h.months, h.organization_id, (h.place = 1)::integer as heads, h.fte from home h
        union all
        select m.months, m.home_id, 0, -m.fte from moved m
        union all
        select m.months, m.host_id, 0, m.fte from moved m
    ), summed as (
        select p.organization_id, p.months, sum(p.heads) as heads, sum(p.fte) as fte
        from placed p group by p.organization_id, p.months
        having sum(p.heads) <> 0 or sum(p.fte) <> 0
    ), merged as (
        select s.organization_id, s.heads, s.fte, range_agg(s.months) as spans
        from summed s group by s.organization_id, s.heads, s.fte
    )
    select p_person, m.organization_id, lower(s.months), s.months, m.heads, m.fte,
        coalesce(p.birth_cohort, 0), p.record_key, p.verified
    from merged m
    join core.person p on p.id = p_person, unnest(m.spans) as s (months);
end
$$;

create or replace function derive.movements(p_person uuid, p_subjects uuid[]) returns setof derive.movement
language plpgsql stable as $$
begin
    return query
    with held as (
        select s.subject_id, core.months(t.days) as months, t.level_verified, t.level,
            bool_or(t.level_verified is distinct from t.level) over (partition by s.subject_id) as twice
        from derive.timeline t
        join derive.skill_subject s on s.skill_id = t.skill_id
        where t.person_id = p_person and s.subject_id = any (p_subjects)
    ), counted as (
        select h.subject_id, 'verified' as evidence, 1 as sign, h.months, h.level_verified as level from held h
        union all
        -- Where self-declared holdings say more somewhere in the subject: all that counts by them, less what counts anyway.
        select h.subject_id, 'declared', 1, h.months, h.level from held h where h.twice
        union all
        select h.subject_id, 'declared', -1, h.months, h.level_verified from held h where h.twice
        union all
        select h.subject_id, 'assured', 1, h.months, h.level_verified from held h
        where exists (select from derive.location l where l.person_id = p_person and l.verified)
    ), reached as (
        select c.subject_id, c.evidence, c.sign, l.level, range_agg(c.months) as spans
        from counted c
        join generate_series(1, 5) as l (level) on l.level <= c.level
        where not isempty(c.months)
        group by c.subject_id, c.evidence, c.sign, l.level
    ), exactly as (
        select r.subject_id, r.evidence, r.sign, r.level, r.spans - coalesce(lead(r.spans) over (
            partition by r.subject_id, r.evidence, r.sign order by r.level), '{}') as spans
        from reached r
    ), span as (
        select x.subject_id, x.evidence, x.sign, x.level, s.months,
            w.organization_id, w.birth_cohort, w.heads, w.fte, w.record_key
        from exactly x
        join derive.location w on w.person_id = p_person,
            unnest(x.spans * datemultirange(w.months)) as s (months)
        where not isempty(x.spans)
    ), moved as (
        select lower(s.months) as month, s.sign as turn, s.* from span s
        union all
        select upper(s.months), -s.sign, s.* from span s where not upper_inf(s.months)
    )
    select m.month, m.subject_id, m.level::smallint, m.evidence, m.organization_id, m.birth_cohort,
        sum(m.turn * m.heads)::bigint, sum(m.turn * m.fte), sum(m.turn * m.heads * m.record_key)::bigint
    from moved m
    group by m.month, m.subject_id, m.level, m.evidence, m.organization_id, m.birth_cohort
    having sum(m.turn * m.heads) <> 0 or sum(m.turn * m.fte) <> 0 or sum(m.turn * m.heads * m.record_key) <> 0;
end
$$;

create or replace function derive.follow_person() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[];
begin
    select array_agg(n.id) into v_persons
    from after n join before o on o.id = n.id
    where (n.birth_cohort, n.record_key, n.verified) is distinct from (o.birth_cohort, o.record_key, o.verified);
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        perform derive.follow_locations(v_persons);
    end if;
    return null;
end
$$;

select derive.follow_locations(array(select p.id from core.person p where p.verified));

-- Rules -------------------------------------------------------------------------------------------

create table core.figure_rule (
    version integer primary key,
    threshold smallint not null,
    deviation smallint not null,
    variance smallint not null,
    fte_threshold_heads smallint not null,
    fte_noise_min_percent smallint not null,
    fte_noise_max_percent smallint not null,
    made_at timestamptz not null default now()
);
comment on table core.figure_rule is
    'How figures on people are perturbed, as the daemons'' configuration says; a changed rule is a new version, used by the releases after it';
comment on column core.figure_rule.version is 'Counts rules';
comment on column core.figure_rule.threshold is 'Counts from 1 to this are never published';
comment on column core.figure_rule.deviation is 'A published count differs from the true one by at most this';
comment on column core.figure_rule.variance is 'Variance of the noise of counts';
comment on column core.figure_rule.fte_threshold_heads is 'FTE is hidden where fewer heads, but some, are published';
comment on column core.figure_rule.fte_noise_min_percent is 'The noise factor of FTE is at least this far from 1';
comment on column core.figure_rule.fte_noise_max_percent is 'The noise factor of FTE is at most this far from 1';
comment on column core.figure_rule.made_at is 'When a daemon started with it first';

create table derive.perturbation (
    rule integer not null references core.figure_rule,
    heads bigint not null,
    below bigint not null,
    noise smallint not null,
    primary key (rule, heads, below)
);
comment on table derive.perturbation is
    'The perturbation table of each rule: the noise of a count is that of the row with the lowest bound above the cell''s key';
comment on column derive.perturbation.rule is 'Version of the rule';
comment on column derive.perturbation.heads is 'The true count; the highest stands for all above it';
comment on column derive.perturbation.below is 'Keys below this bound, of 2^32';
comment on column derive.perturbation.noise is 'What is added to the count';

create function derive.figure_rule_set(p_rule jsonb) returns json
language plpgsql security definer as $$
declare
    v_last core.figure_rule;
    v_new core.figure_rule := jsonb_populate_record(null::core.figure_rule, p_rule);
begin
    perform pg_advisory_xact_lock(hashtextextended('jinzai figure rule', 0));
    select * into v_last from core.figure_rule r order by r.version desc limit 1;
    v_new.version := v_last.version;
    v_new.made_at := v_last.made_at;
    if v_new is not distinct from v_last and v_last.version is not null then
        return json_build_object('version', v_last.version, 'changed', false);
    end if;
    v_new.version := coalesce(v_last.version, 0) + 1;
    v_new.made_at := now();
    insert into core.figure_rule select v_new.*;
    insert into derive.perturbation (rule, heads, below, noise)
    select v_new.version, (c ->> 0)::bigint, (c ->> 1)::bigint, (c ->> 2)::smallint
    from jsonb_array_elements(p_rule -> 'table') c;
    return json_build_object('version', v_new.version, 'changed', v_last.version is not null);
end
$$;
comment on function derive.figure_rule_set(jsonb) is
    'Takes over the rule of a daemon that starts: the same as the last, or a new version; says which, and whether it replaced another';

-- Releases ----------------------------------------------------------------------------------------

create table core.release (
    id uuid primary key default core.uuid7(),
    code core.code not null constraint release_code_key unique,
    month date not null constraint release_month check (month = date_trunc('month', month)),
    rule integer not null constraint release_rule references core.figure_rule,
    made_by uuid constraint release_made_by references core.principal,
    cells bigint not null default 0,
    note text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index release_by_month on core.release (month desc, id desc);
create trigger event after insert on core.release for each row execute function derive.event_write('release');
comment on table core.release is 'Frozen figures on people, as everybody outside their organization sees them';
comment on column core.release.id is 'Stable identifier';
comment on column core.release.code is 'Short code that people quote';
comment on column core.release.note is 'Note';
comment on column core.release.version is 'Counts changes; updates can ask for it';
comment on column core.release.created_at is 'When it was recorded';
comment on column core.release.updated_at is 'When it was changed last';
comment on constraint release_month on core.release is 'month: must be the first day of a month';
comment on column core.release.month is 'The month on whose first day people are counted';
comment on column core.release.rule is 'The rule by which it was perturbed';
comment on column core.release.made_by is 'Who cut it; empty for the monthly one';
comment on column core.release.cells is 'How many published cells it has';
comment on constraint release_code_key on core.release is 'code: must not be taken by another release';

create table derive.release_cell (
    release_id uuid not null references core.release,
    grouping text not null,
    group_key text not null,
    subject_id uuid not null,
    level smallint not null,
    heads bigint not null,
    fte numeric(14, 1),
    primary key (release_id, grouping, subject_id, group_key, level)
);
comment on table derive.release_cell is 'Published cells. A cell that is published as zero has no row, whether it was zero or not';
comment on column derive.release_cell.release_id is 'The release';
comment on column derive.release_cell.grouping is 'all, country, kind or organization';
comment on column derive.release_cell.group_key is 'Which of these';
comment on column derive.release_cell.subject_id is 'Skill, category or pillar';
comment on column derive.release_cell.level is 'At this level or above';
comment on column derive.release_cell.heads is 'Published heads';
comment on column derive.release_cell.fte is 'Published FTE; null where it is hidden';

-- Counting ----------------------------------------------------------------------------------------

create function derive.supply_classes(p_month date, p_grouping text, p_classes text[], p_organization uuid)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, keys bigint)
language plpgsql stable as $$
declare
    v_years derive.supply_years;
    v_opening integer;
begin
    if p_organization is not null then
        return query
        select p_organization::text, x.subject_id, x.level, sum(x.heads)::bigint, sum(x.fte), sum(x.keys)::bigint
        from (
            select b.subject_id, b.level, b.heads, b.fte, b.keys
            from derive.supply_balance b
            where b.organization_id = p_organization and b.month <= p_month and b.evidence = any (p_classes)
            union all
            select c.subject_id, c.level, c.heads, c.fte, c.keys
            from derive.supply_change c
            where c.organization_id = p_organization and c.month <= p_month and c.evidence = any (p_classes)) x
        group by x.subject_id, x.level
        having sum(x.heads) <> 0 or sum(x.fte) <> 0;
        return;
    end if;
    select * into v_years from derive.supply_years;
    v_opening := least(extract(year from p_month)::integer, v_years.last_year);
    if v_opening < v_years.first_year then
        v_opening := null;
    end if;
    return query
    select x.group_key, x.subject_id, x.level, sum(x.heads)::bigint, sum(x.fte), sum(x.keys)::bigint
    from (
        select o.group_key, o.subject_id, o.level, o.heads, o.fte, o.keys
        from derive.supply_opening o
        where o.grouping = p_grouping and o.year = v_opening and o.evidence = any (p_classes)
        union all
        select r.group_key, r.subject_id, r.level, r.heads, r.fte, r.keys
        from derive.supply_rollup r
        where r.grouping = p_grouping and r.month <= p_month and r.evidence = any (p_classes)
            and r.month >= coalesce(make_date(v_opening, 1, 1), '-infinity')
        union all
        select b.organization_id::text, b.subject_id, b.level, b.heads, b.fte, b.keys
        from derive.supply_balance b
        where p_grouping = 'organization' and b.month <= p_month and b.evidence = any (p_classes)
        union all
        select case p_grouping when 'country' then coalesce(g.country, 'international')
                when 'kind' then g.kind else g.id::text end,
            c.subject_id, c.level, c.heads, c.fte, c.keys
        from derive.supply_change c join core.organization g on g.id = c.organization_id
        where c.month <= p_month and c.evidence = any (p_classes)
    ) x
    group by x.group_key, x.subject_id, x.level
    having sum(x.heads) <> 0 or sum(x.fte) <> 0;
end
$$;
comment on function derive.supply_classes(date, text, text[], uuid) is
    'Supply of these classes of evidence as of a month by country, kind or organization (or of one organization), exactly at each level: opening balance, the year''s movements, and what is not folded yet';

create or replace function derive.supply(p_month date, p_grouping text, p_declared boolean)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, keys bigint)
language plpgsql stable security definer as $$
begin
    return query select * from derive.supply_classes(p_month, p_grouping,
        case when p_declared then array['verified', 'declared'] else array['verified'] end, null);
end
$$;

create function derive.supply_reached(p_month date, p_grouping text, p_classes text[], p_organization uuid)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, keys bigint)
language plpgsql stable as $$
begin
    return query
    select case p_grouping when 'all' then 'all' else s.group_key end, s.subject_id, l.level::smallint,
        sum(s.heads)::bigint, sum(s.fte), sum(s.keys)::bigint
    from derive.supply_classes(p_month, case p_grouping when 'all' then 'country' else p_grouping end,
        p_classes, p_organization) s
    join generate_series(1, 5) as l (level) on l.level <= s.level
    group by 1, 2, 3;
end
$$;
comment on function derive.supply_reached(date, text, text[], uuid) is 'The same at each level or above, and for all together';

-- Cutting -----------------------------------------------------------------------------------------

create function derive.noise_factor(p_key bigint, p_min_percent integer, p_max_percent integer) returns numeric
language sql immutable parallel safe as $$
    -- Bits of a hash, since the key itself has chosen the noise of the count: 24 for the distance from 1, one for the side.
    select 1 + case when get_byte(h.bytes, 3) < 128 then -1 else 1 end * 0.01 * (p_min_percent + (p_max_percent - p_min_percent)
        * (get_byte(h.bytes, 0) * 65536 + get_byte(h.bytes, 1) * 256 + get_byte(h.bytes, 2)) / 16777215.0)
    from (select sha256(int8send(p_key)) as bytes) h
$$;
comment on function derive.noise_factor(bigint, integer, integer) is
    'The factor of magnitude noise that belongs to a key: as often above as below 1, by between these per cents';

create function derive.cut(p_month date, p_code text, p_note text) returns core.release
language plpgsql as $$
declare
    v_rule core.figure_rule;
    v_common bigint;
    v_release core.release;
begin
    select * into v_rule from core.figure_rule r order by r.version desc limit 1;
    if v_rule.version is null then
        perform core.fail('unavailable', 'no daemon has said yet how figures are perturbed');
    end if;
    select max(p.heads) into v_common from derive.perturbation p where p.rule = v_rule.version;
    insert into core.release (code, month, rule, made_by, note)
    values (p_code, p_month, v_rule.version, core.caller_id(), p_note)
    returning * into v_release;
    insert into derive.release_cell (release_id, grouping, group_key, subject_id, level, heads, fte)
    select v_release.id, c.grouping, c.group_key, c.subject_id, c.level, c.heads + c.noise,
        case when c.heads + c.noise >= v_rule.fte_threshold_heads then
            round(2 * c.fte * (c.heads + c.noise) / c.heads
                * derive.noise_factor(c.key, v_rule.fte_noise_min_percent, v_rule.fte_noise_max_percent)) / 2 end
    from (
        select g.grouping, s.group_key, s.subject_id, s.level, s.heads, s.fte, s.key, (
            select p.noise from derive.perturbation p
            where p.rule = v_rule.version and p.heads = least(s.heads, v_common) and p.below > s.key
            order by p.below limit 1) as noise
        from unnest(array['all', 'country', 'kind', 'organization']) as g (grouping)
        cross join lateral (
            select r.*, r.keys & 4294967295 as key
            from derive.supply_reached(p_month, g.grouping, '{assured}', null) r) s
        where s.heads > 0) c
    where c.heads + c.noise > 0;
    update core.release r set cells = (select count(*) from derive.release_cell c where c.release_id = r.id)
    where r.id = v_release.id
    returning * into v_release;
    return v_release;
end
$$;
comment on function derive.cut(date, text, text) is 'Cuts a release of a month: counts the verified record, perturbs each cell, and freezes that';

create function derive.release_make(p_month date, p_code text, p_note text) returns core.release
language plpgsql security definer as $$
begin
    if coalesce(core.caller_role() not in ('admin', 'secretariat'), true) then
        perform core.fail('denied', 'releases are cut by the secretariat');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('jinzai release', 0));
    return derive.cut(p_month, coalesce(p_code, (
        select f.code from (
            select 'R-' || to_char(p_month, 'YYYY-MM') || case when n > 1 then '-' || n else '' end as code, n
            from generate_series(1, 10000) n) f
        where not exists (select from core.release r where r.code = f.code)
        order by f.n limit 1)), p_note);
end
$$;
comment on function derive.release_make(date, text, text) is 'Cuts a release for the secretariat';

create function derive.release_make_due() returns bigint
language plpgsql security definer as $$
declare
    v_month date := date_trunc('month', now() at time zone 'UTC');
    v_release core.release;
begin
    if exists (select from core.release r where r.month >= v_month) or not exists (select from core.figure_rule)
        -- An empty record, as on the day of installation, is not worth a month's figures.
        or not exists (select from derive.location l where l.verified)
        or not pg_try_advisory_xact_lock(hashtextextended('jinzai release', 0)) then
        return 0;
    end if;
    v_release := derive.cut(v_month, 'R-' || to_char(v_month, 'YYYY-MM'), null);
    return 1;
exception when unique_violation then
    return 0; -- another daemon was as quick
end
$$;
comment on function derive.release_make_due() is 'Cuts the present month''s release where there is none; returns how many it cut';
create index location_verified on derive.location (verified) where verified;

-- The one way out ---------------------------------------------------------------------------------

create type derive.publication as (
    live boolean,
    own_id uuid,
    release_id uuid,
    release_code text,
    release_month date,
    at_most integer,
    never_up_to integer
);
comment on type derive.publication is
    'What a caller sees of people''s figures: all live, those of their own organization live, the rest from which release';

create function derive.publication(p_month date, p_release text) returns derive.publication
language plpgsql stable security definer as $$
declare
    v_role text := core.caller_role();
    v_release core.release;
    v_rule core.figure_rule;
begin
    if v_role is null then
        perform core.fail('unauthenticated', 'the caller is not known');
    end if;
    if p_release is not null then
        select * into v_release from core.release r
        where case when core.is_uuid(p_release) then r.id = p_release::uuid else r.code = p_release end;
        if not found then
            perform core.fail('not_found', 'there is no such release', 'release', 'a release, as release.list shows');
        end if;
    elsif v_role <> 'admin' then
        select * into v_release from core.release r where r.month <= p_month order by r.month desc, r.id desc limit 1;
    end if;
    select * into v_rule from core.figure_rule r where r.version = v_release.rule;
    return (v_role = 'admin' and p_release is null, case when p_release is null then core.caller_sees() end,
        v_release.id, v_release.code, v_release.month, v_rule.deviation, v_rule.threshold)::derive.publication;
end
$$;
comment on function derive.publication(date, text) is
    'What the caller sees for a month: administrators live figures, coordinators and members live ones of their own organization; else, and whoever names a release, that release, by default the last one of the month or before';

create function derive.publish(p_month date, p_grouping text, p_declared boolean, p_release text)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, live boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
    v_classes text[] := case when p_declared then array['verified', 'declared'] else array['verified'] end;
begin
    if v_see.live then
        return query
        select r.group_key, r.subject_id, r.level, r.heads, r.fte, true
        from derive.supply_reached(p_month, p_grouping, v_classes, null) r;
        return;
    end if;
    if p_declared and (v_see.own_id is null or p_grouping <> 'organization') then
        perform core.fail('denied', 'releases count verified evidence; self-declared holdings are counted for the own organization',
            'evidence', 'verified, or by the own organization');
    end if;
    if v_see.own_id is not null and p_grouping = 'organization' then
        return query
        select r.group_key, r.subject_id, r.level, r.heads, r.fte, true
        from derive.supply_reached(p_month, p_grouping, v_classes, v_see.own_id) r;
    end if;
    if not p_declared then
        return query
        select c.group_key, c.subject_id, c.level, c.heads, c.fte, false
        from derive.release_cell c
        where c.release_id = v_see.release_id and c.grouping = p_grouping
            and (p_grouping <> 'organization' or c.group_key is distinct from v_see.own_id::text);
    end if;
end
$$;
comment on function derive.publish(date, text, boolean, text) is
    'The publishing function, the one way by which figures on people leave: supply at each level or above as the caller may see it; FTE null where it is hidden';

do $$
declare
    v_function text;
begin
    foreach v_function in array array['figure_rule_set(jsonb)', 'release_make(date, text, text)', 'release_make_due()',
        'publication(date, text)', 'publish(date, text, boolean, text)'] loop
        execute format('alter function derive.%s owner to jinzai_derive', v_function);
    end loop;
end
$$;
revoke execute on function derive.supply(date, text, boolean), derive.supply_classes(date, text, text[], uuid),
    derive.supply_reached(date, text, text[], uuid), derive.cut(date, text, text) from jinzai_api;
revoke select on derive.supply_balance, derive.supply_rollup, derive.supply_opening, derive.supply_residue,
    derive.perturbation, derive.release_cell, derive.supply_change from jinzai_api;
grant select (id) on derive.supply_change to jinzai_api; -- how many are not folded yet
revoke insert, update, delete on core.release, core.figure_rule from jinzai_api;
grant insert on core.figure_rule to jinzai_derive;
grant insert, update on core.release to jinzai_derive;
