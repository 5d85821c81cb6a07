-- SPDX-License-Identifier: Apache-2.0
--
-- Who could fill which role, for staffing. A role asks for all of its skills at once, so the question needs people and not
-- counts by skill, which releases hold. Figures leave as all figures on people do: live to administrators and to the own
-- organization, and to everybody else from a release: how many people reach which set of roles in full, through the
-- cell-key method of 0009. Each person whose record is verified counts once, at home, with all of their FTE, and in exactly
-- one set. Who falls short of every role is not counted in releases: sets of what is missing would nearly all be of one
-- or two people, and noise is all that would be left of them.

create table derive.release_role (
    release_id uuid not null constraint release_role_release references core.release,
    role_id uuid not null,
    requires jsonb not null,
    primary key (release_id, role_id)
);
comment on table derive.release_role is 'What roles required when a release was cut; a role that has changed since is not counted by that release';
comment on column derive.release_role.release_id is 'The release';
comment on column derive.release_role.role_id is 'The role';
comment on column derive.release_role.requires is 'Levels by skill';

create table derive.release_staffing (
    release_id uuid not null constraint release_staffing_release references core.release,
    grouping text not null,
    group_key text not null,
    roles uuid[] not null,
    heads bigint not null,
    fte numeric(14, 1),
    primary key (release_id, grouping, group_key, roles)
);
comment on table derive.release_staffing is 'Published people by the set of roles that they reach. A cell that is published as zero has no row';
comment on column derive.release_staffing.release_id is 'The release';
comment on column derive.release_staffing.grouping is 'all, country, kind or organization';
comment on column derive.release_staffing.group_key is 'Which of these';
comment on column derive.release_staffing.roles is 'The roles, in the order of their ids, whose every skill they have at the level asked for or above; they reach no other';
comment on column derive.release_staffing.heads is 'Published heads';
comment on column derive.release_staffing.fte is 'Published FTE; null where it is hidden';

create function derive.role_requires(p_role uuid) returns jsonb
language sql stable as $$
    select jsonb_object_agg(k.skill_id, k.level) from core.role_skill k where k.role_id = p_role
$$;
comment on function derive.role_requires(uuid) is 'What a role requires, levels by skill; null for nothing';

create function derive.staffing_people(p_month date, p_assured boolean, p_organization uuid)
returns table (person_id uuid, organization_id uuid, record_key bigint, fte numeric)
language sql stable as $$
    select l.person_id, l.organization_id, l.record_key, least((
        select sum(w.fte) from derive.location w where w.person_id = l.person_id and w.months @> p_month), 1)
    from derive.location l
    where l.heads = 1 and l.months @> p_month and (l.verified or not p_assured)
        and (p_organization is null or l.organization_id = p_organization)
$$;
comment on function derive.staffing_people(date, boolean, uuid) is
    'Everybody (assured: whose record is verified) in a month, once, at home, with all of their FTE, also what is elsewhere on exchange';

create function derive.staffing_group(p_grouping text, p_organization core.organization) returns text
language sql immutable as $$
    select case p_grouping when 'country' then coalesce(p_organization.country, 'international')
        when 'kind' then p_organization.kind when 'organization' then p_organization.id::text else 'all' end
$$;
comment on function derive.staffing_group(text, core.organization) is 'The group in which people of an organization are counted';

create function derive.cut_staffing() returns trigger
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
    insert into derive.release_role (release_id, role_id, requires)
    select new.id, r.id, x.requires
    from core.role r cross join lateral (select derive.role_requires(r.id) as requires) x
    where x.requires is not null;
    insert into derive.release_staffing (release_id, grouping, group_key, roles, heads, fte)
    with asked as materialized (
        select k.role_id, k.skill_id, k.level, count(*) over (partition by k.role_id) as skills from core.role_skill k
    ), met as (
        select t.person_id, a.role_id
        from asked a join derive.timeline t on t.skill_id = a.skill_id and t.level_verified >= a.level
        where t.days @> new.month
        group by t.person_id, a.role_id, a.skills having count(*) = a.skills
    ), reach as materialized (
        select m.person_id, array_agg(m.role_id order by m.role_id) as roles from met m group by m.person_id
    ), cell as (
        select g.grouping, derive.staffing_group(g.grouping, o) as group_key, r.roles,
            count(*) as heads, sum(p.fte) as fte, sum(p.record_key)::bigint & 4294967295 as key
        from reach r
        join derive.staffing_people(new.month, true, null) p on p.person_id = r.person_id
        join core.organization o on o.id = p.organization_id
        cross join unnest(array['all', 'country', 'kind', 'organization']) as g (grouping)
        group by 1, 2, 3
    )
    select new.id, c.grouping, c.group_key, c.roles, c.heads + c.noise,
        case when c.heads + c.noise >= v_rule.fte_threshold_heads then
            round(2 * c.fte * (c.heads + c.noise) / c.heads
                * derive.noise_factor(c.key, v_rule.fte_noise_min_percent, v_rule.fte_noise_max_percent)) / 2 end
    from (select x.*, derive.noise(v_rule.version, least(x.heads, v_common), x.key) as noise from cell x) c
    where c.heads + c.noise > 0;
    return null;
end
$$;
comment on function derive.cut_staffing() is
    'After a release was made: counts the verified record by the set of roles that people reach, perturbs each count, and freezes that with it';
create trigger staffing after insert on core.release for each row execute function derive.cut_staffing();

create function derive.publish_roles(p_month date, p_roles uuid[], p_release text) returns uuid[]
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    if v_see.live then
        return p_roles;
    end if;
    return array(
        select r.role_id from derive.release_role r
        where r.release_id = v_see.release_id and r.role_id = any (p_roles) and r.requires = derive.role_requires(r.role_id));
end
$$;
comment on function derive.publish_roles(date, uuid[], text) is
    'Of these roles those for which the caller sees who reaches them: all live; in a release those that require what they did when it was cut';

create function derive.publish_staffing(p_month date, p_grouping text, p_roles uuid[], p_release text)
returns table (group_key text, levels jsonb, fte numeric, heads bigint, live boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    if v_see.live or v_see.own_id is not null and p_grouping = 'organization' then
        return query
        with asked as materialized (
            select k.skill_id, s.code, max(k.level) as level
            from core.role_skill k join core.skill s on s.id = k.skill_id
            where k.role_id = any (p_roles) group by k.skill_id, s.code
        ), held as (
            select t.person_id, jsonb_agg(jsonb_build_array(a.code, least(t.level_verified, a.level)) order by a.code) as levels
            from asked a join derive.timeline t on t.skill_id = a.skill_id
            where t.days @> p_month and t.level_verified is not null
            group by t.person_id
        )
        select derive.staffing_group(p_grouping, o), h.levels, round(p.fte, 2), count(*), true
        from derive.staffing_people(p_month, false, case when not v_see.live then v_see.own_id end) p
        join held h on h.person_id = p.person_id
        join core.organization o on o.id = p.organization_id
        group by 1, 2, 3;
    end if;
    if v_see.live then
        return;
    end if;
    return query
    with part as (
        select r.group_key, array(select x.id from unnest(r.roles) as x (id) where x.id = any (p_roles) order by x.id) as roles,
            r.heads, r.fte
        from derive.release_staffing r
        where r.release_id = v_see.release_id and r.grouping = p_grouping and r.roles && p_roles
            and (p_grouping <> 'organization' or r.group_key is distinct from v_see.own_id::text)
    ), cell as (
        select p.group_key, p.roles, p.fte is null as hidden, sum(p.heads)::bigint as heads, sum(p.fte) as fte
        from part p group by 1, 2, 3
    )
    -- What is published of them is that they reach these roles: they have at least what these ask for.
    select c.group_key, (
            select jsonb_agg(jsonb_build_array(l.code, l.level) order by l.code)
            from (select s.code, max(k.level) as level from core.role_skill k join core.skill s on s.id = k.skill_id
                  where k.role_id = any (c.roles) group by s.code) l),
        least(round(c.fte / c.heads, 2), 1), c.heads, false
    from cell c;
end
$$;
comment on function derive.publish_staffing(date, text, uuid[], text) is
    'The publishing function of staffing, the one way by which figures on who reaches which role leave: classes of people by what they have of these roles'' skills where they are live, and by the roles that they reach in full from a release; fte of each, null where it is hidden';

do $$
declare
    v_function text;
begin
    foreach v_function in array array['cut_staffing()', 'publish_roles(date, uuid[], text)', 'publish_staffing(date, text, uuid[], text)'] loop
        execute format('alter function derive.%s owner to jinzai_derive', v_function);
    end loop;
end
$$;
revoke execute on function derive.staffing_people(date, boolean, uuid) from jinzai_api;
revoke select on derive.release_staffing, derive.release_role from jinzai_api;
