-- SPDX-License-Identifier: Apache-2.0

create function api.program_skills(p_id uuid, p_relation text, p_lang text) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object('skill', api.skill_brief(s.id, p_lang), 'level', k.level) order by s.code), '[]'::json)
    from core.program_skill k join core.skill s on s.id = k.skill_id
    where k.program_id = p_id and k.relation = p_relation
$$;
comment on function api.program_skills(uuid, text, text) is 'What a program teaches, or requires, as it is answered';

create function api.program_skills_write(p_id uuid, p_relation text, p_items jsonb) returns void
language plpgsql as $$
begin
    if p_items is null then
        return;
    end if;
    delete from core.program_skill k where k.program_id = p_id and k.relation = p_relation;
    insert into core.program_skill (program_id, relation, skill_id, level)
    select p_id, p_relation, s.skill_id, s.level from api.skill_levels_check(p_items, p_relation, false) s;
end
$$;
comment on function api.program_skills_write(uuid, text, jsonb) is 'Replaces what a program teaches, or requires, if any is given';

create function api.session_counts(p_provider uuid) returns boolean
language sql stable as $$
    select core.caller_sees_all() or coalesce(p_provider = core.caller_sees(), false)
$$;
comment on function api.session_counts(uuid) is
    'Whether the caller may be told how many people are in a session of this provider: only who sees them all can be';

create function api.program_fill(p_id uuid, p_provider uuid, out seats bigint, out taken bigint, out seats_taken bigint,
    out waiting bigint, out cost numeric)
language sql stable as $$
    select case when shown then sum(x.capacity) end, case when shown then sum(x.taken) end,
        case when shown then sum(x.taken) filter (where x.capacity is not null) end,
        case when shown then sum(x.waiting) end, sum(x.cost)
    from (
        select s.cost, coalesce(s.capacity, p.capacity) as capacity,
            (select count(*) from core.enrollment e
             where e.session_id = s.id and e.status in ('admitted', 'attending', 'completed', 'failed')) as taken,
            (select count(*) from core.enrollment e where e.session_id = s.id and e.status = 'waiting') as waiting
        from core.session s join core.program p on p.id = s.program_id
        where s.program_id = p_id and s.status <> 'cancelled') x
    cross join api.session_counts(p_provider) as shown
    group by shown
$$;
comment on function api.program_fill(uuid, uuid) is
    'The sessions of a program that were not cancelled, together: seats, how many are taken in all and in those that have a limit, how many people wait, and what they cost; people only for who may be told';

create function api.program_json(p core.program, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', p.id, 'code', p.code, 'name', core.label(p.name_en, p.name_ja, p_lang),
        'summary', core.label(p.summary_en, p.summary_ja, p_lang),
        'provider', api.organization_brief(p.provider_id, p_lang),
        'country', (select o.country from core.organization o where o.id = p.provider_id),
        'mode', p.mode, 'hours', p.hours, 'capacity', p.capacity, 'languages', p.languages,
        'cost', trim_scale(p.cost), 'currency', p.currency,
        'audience', core.label(p.audience_en, p.audience_ja, p_lang),
        'website', p.website, 'pillars', p.pillars, 'status', p.status,
        'teaches', api.program_skills(p.id, 'teaches', p_lang), 'requires', api.program_skills(p.id, 'requires', p_lang),
        'sessions', (select count(*) from core.session s where s.program_id = p.id),
        'seats', f.seats, 'taken', f.taken, 'fill_rate', round(f.seats_taken::numeric / nullif(f.seats, 0), 3), 'waiting', f.waiting,
        'sessions_cost', trim_scale(f.cost), 'cost_per_person', round(f.cost / nullif(f.taken, 0), 2),
        'note', p.note, 'source', p.source, 'unverified', p.unverified, 'synthetic', p.synthetic,
        'version', p.version, 'created_at', p.created_at, 'updated_at', p.updated_at)
    from (select) o left join api.program_fill(p.id, p.provider_id) f on true
$$;
comment on function api.program_json(core.program, text) is 'A program as it is answered';

create function api.program_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_code text, p_name_en text, p_name_ja text, p_provider text, p_mode text, p_summary_en text, p_summary_ja text,
    p_audience_en text, p_audience_ja text, p_hours bigint, p_capacity bigint, p_languages text[], p_cost numeric,
    p_currency text, p_website text, p_pillars text[], p_status text, p_teaches jsonb, p_requires jsonb,
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.program;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.own_check('provider', api.organization_ref(p_provider, 'provider'));
    insert into core.program (code, name_en, name_ja, summary_en, summary_ja, provider_id, mode, hours, capacity, languages,
        cost, currency, audience_en, audience_ja, website, pillars, status, note, source, unverified, synthetic)
    values (p_code, p_name_en, p_name_ja, p_summary_en, p_summary_ja, api.organization_ref(p_provider, 'provider'),
        coalesce(p_mode, 'in_person'), p_hours, p_capacity, coalesce(p_languages, '{}'), p_cost, p_currency,
        p_audience_en, p_audience_ja, p_website, coalesce(p_pillars, '{}'), coalesce(p_status, 'running'),
        p_note, p_source, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    perform api.program_skills_write(v_row.id, 'teaches', p_teaches);
    perform api.program_skills_write(v_row.id, 'requires', p_requires);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.program_create is 'program.create';

create function api.program_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.program_ref(p_ref, 'ref');
begin
    return (select api.program_json(p, p_lang) from core.program p where p.id = v_id);
end
$$;
comment on function api.program_get is 'program.get';

create function api.program_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_name_en text, p_name_ja text, p_provider text, p_mode text,
    p_summary_en text, p_summary_ja text, p_audience_en text, p_audience_ja text, p_hours bigint, p_capacity bigint,
    p_languages text[], p_cost numeric, p_currency text, p_website text, p_pillars text[], p_status text,
    p_teaches jsonb, p_requires jsonb, p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.program;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.program p where p.id = api.program_ref(p_ref, 'ref') for no key update;
    perform core.check_version(p_if_version, v_row.version);
    perform api.own_check('ref', v_row.provider_id);
    perform api.program_skills_write(v_row.id, 'teaches', p_teaches);
    perform api.program_skills_write(v_row.id, 'requires', p_requires);
    update core.program p set
        name_en = coalesce(p_name_en, p.name_en),
        name_ja = coalesce(p_name_ja, p.name_ja),
        provider_id = coalesce(api.organization_ref(p_provider, 'provider'), p.provider_id),
        mode = coalesce(p_mode, p.mode),
        summary_en = core.patch(p_summary_en, p.summary_en, 'summary' = any (p_clear)),
        summary_ja = core.patch(p_summary_ja, p.summary_ja, 'summary' = any (p_clear)),
        audience_en = core.patch(p_audience_en, p.audience_en, 'audience' = any (p_clear)),
        audience_ja = core.patch(p_audience_ja, p.audience_ja, 'audience' = any (p_clear)),
        hours = core.patch(p_hours::integer, p.hours, 'hours' = any (p_clear)),
        capacity = core.patch(p_capacity::integer, p.capacity, 'capacity' = any (p_clear)),
        languages = coalesce(p_languages, p.languages),
        cost = core.patch(p_cost, p.cost, 'cost' = any (p_clear)),
        currency = core.patch(p_currency, p.currency, 'currency' = any (p_clear)),
        website = core.patch(p_website, p.website, 'website' = any (p_clear)),
        pillars = coalesce(p_pillars, p.pillars),
        status = coalesce(p_status, p.status),
        note = core.patch(p_note, p.note, 'note' = any (p_clear)),
        source = core.patch(p_source, p.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, p.unverified),
        -- Its skills stand in a table of their own; a change of them is a change of the program.
        updated_at = case when num_nonnulls(p_teaches, p_requires) > 0 then now() else p.updated_at end
    where p.id = v_row.id
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.program_update is 'program.update';

create function api.program_list(p_caller uuid, p_provider text, p_country text, p_pillar text, p_skill text, p_mode text,
    p_status text, p_language text, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_provider uuid := api.organization_ref(p_provider, 'provider');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
begin
    return (
        select core.page(array_agg(json_build_object('id', p.id, 'code', p.code,
                'name', core.label(p.name_en, p.name_ja, p_lang),
                'provider', api.organization_brief(p.provider_id, p_lang), 'country', p.country,
                'mode', p.mode, 'hours', p.hours, 'capacity', p.capacity, 'languages', p.languages, 'pillars', p.pillars,
                'skills_taught', (select count(*) from core.program_skill k where k.program_id = p.id and k.relation = 'teaches'),
                'status', p.status, 'unverified', p.unverified, 'synthetic', p.synthetic, 'version', p.version)
            order by p.code), v_limit, max(p.code))
        from (select x.*, o.country
              from core.program x join core.organization o on o.id = x.provider_id
              where (v_after is null or x.code > v_after)
                  and (v_provider is null or x.provider_id = v_provider)
                  and (p_country is null or o.country = p_country)
                  and (p_pillar is null or p_pillar = any (x.pillars))
                  and (v_skill is null or exists (
                      select from core.program_skill k join derive.skill_subject s on s.skill_id = k.skill_id
                      where k.program_id = x.id and k.relation = 'teaches' and s.subject_id = v_skill))
                  and (p_mode is null or x.mode = p_mode)
                  and (p_status is null or x.status = p_status)
                  and (p_language is null or p_language = any (x.languages))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) p);
end
$$;
comment on function api.program_list is 'program.list';

-- What came of it -----------------------------------------------------------------------------------
--
-- How many people went through a program, and what came of it: figures on people, by derive.publish_outcome alone. What is
-- not known is null: nobody has completed it, or nobody did so long enough ago, or no affiliation says where they went.

create function api.program_outcome(p_caller uuid, p_ref text, p_as_of date, p_release text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.program_ref(p_ref, 'ref');
    v_month date := date_trunc('month', coalesce(p_as_of, current_date));
    v_see derive.publication := derive.publication(v_month, p_release);
begin
    return (
        select json_build_object('program', api.program_brief(v_id, p_lang), 'as_of', to_char(v_month, 'YYYY-MM'),
            'enrolled', f.n -> 'enrolled', 'finished', f.n -> 'finished', 'completed', f.n -> 'completed',
            'failed', f.n -> 'failed', 'withdrawn', f.n -> 'withdrawn',
            'completion_rate', case when (f.n ->> 'finished')::numeric > 0 then
                round(least(1, (f.n ->> 'completed')::numeric / (f.n ->> 'finished')::numeric), 3) end,
            'days_to_complete', round(f.days, 1), 'levels_gained', round(f.gained, 2),
            'due', f.n -> 'due', 'known', f.n -> 'known', 'stayed', case when (f.n ->> 'known')::numeric > 0 then f.n -> 'stayed' end,
            'stay_rate', case when (f.n ->> 'known')::numeric > 0 then
                round(least(1, (f.n ->> 'stayed')::numeric / (f.n ->> 'known')::numeric), 3) end,
            'perturbed', not f.live, 'at_most', case when not f.live then v_see.at_most end,
            'release', case when not f.live then v_see.release_code end,
            'release_month', case when not f.live then to_char(v_see.release_month, 'YYYY-MM') end,
            'notes', case
                when f.live then '[]'::json
                when not f.told then json_build_array(case p_lang
                    when 'ja' then 'この月以前の公表値がないため、数値は示されません。'
                    else 'No release of this month or before has been cut, so nothing is shown.' end)
                else json_build_array(case p_lang
                    when 'ja' then format('確認済みの記録だけを数え、人数は個人を守るため最大%s人までずらしてあります。個々に処理したため合計と一致しないことがあり、平均もずらし、少人数では示しません。', v_see.at_most)
                    else format('Only verified records are counted. To expose nobody, counts of people are changed by up to %s, each by itself, so that they need not add up; means are changed too, and hidden for few people.', v_see.at_most) end) end)
        from (
            select jsonb_object_agg(o.measure, o.heads) as n, max(o.days) as days, max(o.gained) as gained,
                bool_and(o.live) as live, bool_and(o.known) as told
            from derive.publish_outcome(v_id, v_month, p_release) o) f);
end
$$;
comment on function api.program_outcome(uuid, text, date, text, text) is 'program.outcome';
