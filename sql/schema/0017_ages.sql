-- SPDX-License-Identifier: Apache-2.0
--
-- How old the people are, for projections: heads by category and five-year birth cohort. They leave as all figures on people
-- do: live to administrators and to the own organization, and to everybody else from a release, through the cell-key method.

create table derive.release_age (
    release_id uuid not null constraint release_age_release references core.release,
    grouping text not null,
    group_key text not null,
    subject_id uuid not null,
    birth_cohort smallint not null,
    heads bigint not null,
    primary key (release_id, grouping, subject_id, group_key, birth_cohort)
);
comment on table derive.release_age is 'Published heads by category and birth cohort. A cell that is published as zero has no row';
comment on column derive.release_age.release_id is 'The release';
comment on column derive.release_age.grouping is 'all, country, kind or organization';
comment on column derive.release_age.group_key is 'Which of these';
comment on column derive.release_age.subject_id is 'The category, at any level';
comment on column derive.release_age.birth_cohort is 'First year of the cohort; 0 where it is not known';
comment on column derive.release_age.heads is 'Published heads';

create function derive.ages(p_month date, p_grouping text, p_classes text[], p_organization uuid, p_kinds text[])
returns table (group_key text, subject_id uuid, birth_cohort smallint, heads bigint, keys bigint)
language sql stable as $$
    select case p_grouping when 'country' then coalesce(g.country, 'international') when 'kind' then g.kind
            when 'organization' then g.id::text else 'all' end,
        x.subject_id, x.birth_cohort, sum(x.heads)::bigint, sum(x.keys)::bigint
    from (
        select b.organization_id, b.subject_id, b.birth_cohort, sum(b.heads) as heads, sum(b.keys) as keys
        from derive.supply_balance b
        where (p_organization is null or b.organization_id = p_organization)
            and b.month <= p_month and b.evidence = any (p_classes)
        group by b.organization_id, b.subject_id, b.birth_cohort
        union all
        select c.organization_id, c.subject_id, c.birth_cohort, sum(c.heads), sum(c.keys)
        from derive.supply_change c
        where (p_organization is null or c.organization_id = p_organization)
            and c.month <= p_month and c.evidence = any (p_classes)
        group by c.organization_id, c.subject_id, c.birth_cohort) x
    join core.organization g on g.id = x.organization_id
    join core.skill s on s.id = x.subject_id and s.kind = any (p_kinds)
    group by 1, 2, 3
    having sum(x.heads) > 0
$$;
comment on function derive.ages(date, text, text[], uuid, text[]) is
    'Heads as of a month by group, skill or category (as the kinds say) and birth cohort';

create function derive.noise(p_rule integer, p_heads bigint, p_key bigint) returns smallint
language sql stable as $$
    select p.noise from derive.perturbation p
    where p.rule = p_rule and p.heads = p_heads and p.below > p_key
    order by p.below limit 1
$$;
comment on function derive.noise(integer, bigint, bigint) is 'The noise that a rule''s table has for a count and a cell''s key';

create or replace function derive.cut(p_month date, p_code text, p_note text) returns core.release
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
        select g.grouping, s.group_key, s.subject_id, s.level, s.heads, s.fte, s.key,
            derive.noise(v_rule.version, least(s.heads, v_common), s.key) as noise
        from unnest(array['all', 'country', 'kind', 'organization']) as g (grouping)
        cross join lateral (
            select r.*, r.keys & 4294967295 as key
            from derive.supply_reached(p_month, g.grouping, '{assured}', null) r) s
        where s.heads > 0) c
    where c.heads + c.noise > 0;
    insert into derive.release_age (release_id, grouping, group_key, subject_id, birth_cohort, heads)
    select v_release.id, c.grouping, c.group_key, c.subject_id, c.birth_cohort, c.heads + c.noise
    from (
        select g.grouping, a.group_key, a.subject_id, a.birth_cohort, a.heads,
            derive.noise(v_rule.version, least(a.heads, v_common), a.keys & 4294967295) as noise
        from unnest(array['all', 'country', 'kind', 'organization']) as g (grouping)
        cross join lateral derive.ages(p_month, g.grouping, '{assured}', null, '{category}') a) c
    where c.heads + c.noise > 0;
    update core.release r set cells = (select count(*) from derive.release_cell c where c.release_id = r.id)
        + (select count(*) from derive.release_age a where a.release_id = r.id)
    where r.id = v_release.id
    returning * into v_release;
    return v_release;
end
$$;

create function derive.publish_ages(p_month date, p_grouping text, p_release text)
returns table (group_key text, subject_id uuid, birth_cohort smallint, heads bigint, live boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    if v_see.live then
        return query
        select a.group_key, a.subject_id, a.birth_cohort, a.heads, true
        from derive.ages(p_month, p_grouping, '{verified}', null, '{skill,category}') a;
        return;
    end if;
    if v_see.own_id is not null and p_grouping = 'organization' then
        return query
        select a.group_key, a.subject_id, a.birth_cohort, a.heads, true
        from derive.ages(p_month, p_grouping, '{verified}', v_see.own_id, '{skill,category}') a;
    end if;
    return query
    select a.group_key, a.subject_id, a.birth_cohort, a.heads, false
    from derive.release_age a
    where a.release_id = v_see.release_id and a.grouping = p_grouping
        and (p_grouping <> 'organization' or a.group_key is distinct from v_see.own_id::text);
end
$$;
comment on function derive.publish_ages(date, text, text) is
    'The publishing function''s other half: heads by birth cohort as the caller may see them; by skill where they are live, by category in releases';

create function derive.publish_away(p_month date, p_grouping text, p_release text)
returns table (group_key text, subject_id uuid, level smallint, birth_cohort smallint, ends date, heads bigint)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
begin
    if not v_see.live and (v_see.own_id is null or p_grouping <> 'organization') then
        return;
    end if;
    return query
    select x.group_key, x.subject_id, x.level, x.birth_cohort, x.ends, count(*)
    from (
        select case p_grouping when 'country' then coalesce(g.country, 'international') when 'kind' then g.kind
                when 'organization' then g.id::text else 'all' end as group_key,
            s.subject_id, max(t.level_verified) as level, coalesce(p.birth_cohort, 0)::smallint as birth_cohort,
            max(upper(e.held)) as ends, e.person_id
        from core.exchange e
        join core.person p on p.id = e.person_id
        join core.organization g on g.id = e.home_id
        join derive.timeline t on t.person_id = e.person_id and t.days @> p_month and t.level_verified is not null
        join derive.skill_subject s on s.skill_id = t.skill_id and s.kind in ('skill', 'category')
        where e.in_person and e.status in ('approved', 'active') and e.held @> p_month and not upper_inf(e.held)
            and (v_see.live or e.home_id = v_see.own_id)
        group by 1, 2, 4, e.person_id) x
    group by x.group_key, x.subject_id, x.level, x.birth_cohort, x.ends;
end
$$;
comment on function derive.publish_away(date, text, text) is
    'Who is away on exchange in a month and until when, by home group, skill or category, level and cohort; live figures alone, for who may see them';

do $$
declare
    v_function text;
begin
    foreach v_function in array array['noise(integer, bigint, bigint)', 'publish_ages(date, text, text)',
        'publish_away(date, text, text)'] loop
        execute format('alter function derive.%s owner to jinzai_derive', v_function);
    end loop;
end
$$;
revoke execute on function derive.ages(date, text, text[], uuid, text[]), derive.noise(integer, bigint, bigint) from jinzai_api;
revoke select on derive.release_age from jinzai_api;
