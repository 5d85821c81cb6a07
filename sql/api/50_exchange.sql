-- SPDX-License-Identifier: Apache-2.0
--
-- proposed ──submit──> under_review ──approve──> approved ──activate──> active ──complete──> completed
--
-- The first two ──decline──> declined; the first three ──cancel──> cancelled; completed ──correct──> completed, or
-- cancelled where it never took place. Approvals by home, host, export control and visa are recorded one by one: home
-- and host must have granted theirs for approve, and all that the exchange requires for activate. That a person is on
-- one exchange at a time, and within 1.0 FTE, the tables themselves see to, from approval on: proposals may compete.
-- Days proposed, days approved and days actual are three figures, each with its history in the exchange's steps. Once it
-- is approved, the plan changes by a notice of change alone (52_exchange_calendar.sql).

create function api.exchange_actions(p_status text) returns text[]
language sql immutable parallel safe as $$
    select case p_status
        when 'proposed' then array['submit', 'decline', 'cancel']
        when 'under_review' then array['decide', 'approve', 'decline', 'cancel']
        when 'approved' then array['decide', 'activate', 'cancel']
        when 'active' then array['complete']
        when 'completed' then array['correct']
        else '{}'::text[] end
$$;
comment on function api.exchange_actions(text) is 'What can be done with an exchange in this status';

create function api.exchange_next_code() returns text
language plpgsql as $$
declare
    v_code text;
begin
    loop
        v_code := core.numbered('EX-' || extract(year from now()) || '-', nextval('core.exchange_number'), 4);
        exit when not derive.code_taken('exchange', v_code);
    end loop;
    return v_code;
end
$$;
comment on function api.exchange_next_code() is 'The next numbered code that no exchange has';

create function api.exchange_brief(p_id uuid, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', e.id, 'code', e.code, 'name', core.label(e.title_en, e.title_ja, p_lang))
    from core.exchange e where e.id = p_id
$$;
comment on function api.exchange_brief(uuid, text) is 'How an exchange stands inside another record: id, code, and its title as name';

-- Reading -----------------------------------------------------------------------------------------

create function api.exchange_pending(e core.exchange) returns text[]
language sql stable as $$
    select array(
        select r.kind from unnest(e.requires) with ordinality as r (kind, place)
        where not exists (select from core.exchange_approval a
                          where a.exchange_id = e.id and a.kind = r.kind and a.decision = 'granted')
        order by r.place)
$$;
comment on function api.exchange_pending(core.exchange) is 'The approvals that an exchange requires and that are not granted';

create function api.exchange_approvals(e core.exchange) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object('approval', k.kind, 'required', k.kind = any (e.requires),
            'decision', coalesce(a.decision, 'pending'), 'decided_on', a.decided_on, 'reference', a.reference, 'note', a.note,
            'recorded_at', a.recorded_at, 'by', (select p.name from core.principal p where p.id = a.principal_id)) order by k.place), '[]'::json)
    from unnest(array['home', 'host', 'export_control', 'visa']) with ordinality as k (kind, place)
    left join core.exchange_approval a on a.exchange_id = e.id and a.kind = k.kind
    where a.kind is not null or k.kind = any (e.requires)
$$;
comment on function api.exchange_approvals(core.exchange) is 'The approvals of an exchange, those pending included';

create function api.exchange_steps(p_id uuid) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object('at', s.at, 'field', s.field, 'was', s.was, 'became', s.became, 'reason', s.reason,
        'by', (select p.name from core.principal p where p.id = s.principal_id)) order by s.at, s.id), '[]'::json)
    from core.exchange_step s where s.exchange_id = p_id
$$;
comment on function api.exchange_steps(uuid) is 'The history of an exchange, oldest first';

create function api.exchange_direction(p_home uuid, p_host uuid) returns text
language sql stable as $$
    select coalesce(o.country, 'international') || '→' || coalesce(d.country, 'international')
    from core.organization o, core.organization d where o.id = p_home and d.id = p_host
$$;
comment on function api.exchange_direction(uuid, uuid) is 'From which country to which, by the home and the host, as JP→US';

create function api.exchange_notices(p_id uuid) returns json
language sql stable as $$
    select coalesce(json_agg(json_build_object('id', n.id, 'document', n.kind, 'filed_on', n.filed_on, 'due_on', n.due_on,
        'changes', n.changes, 'starts', lower(n.planned), 'ends', core.last_day(n.planned), 'days', n.days,
        'decision', case when n.kind = 'change' then coalesce(n.decision, 'pending') end, 'decided_on', n.decided_on,
        'decision_note', n.decision_note, 'note', n.note, 'recorded_at', n.recorded_at,
        'by', (select p.name from core.principal p where p.id = n.principal_id),
        'decided_by', (select p.name from core.principal p where p.id = n.decided_by)) order by n.filed_on, n.id), '[]'::json)
    from core.exchange_notice n where n.exchange_id = p_id
$$;
comment on function api.exchange_notices(uuid) is 'Plans and reports that were handed in, and notices of change, oldest first';

create function api.exchange_deadlines(e core.exchange) returns table (due text, due_on date, detail text, source text)
language sql stable as $$
    -- What has been handed in, decided or done is due no more.
    select x.due, x.due_on, x.detail, x.source
    from (select 1) as one left join core.scheme s on s.id = e.scheme_id
    cross join lateral (
        select 'plan' as due, (lower(e.planned) - make_interval(months => s.plan_months_before))::date as due_on,
            null::text as detail, s.plan_source as source
        where e.status in ('proposed', 'under_review', 'approved', 'active') and not exists (
            select from core.exchange_notice n where n.exchange_id = e.id and n.kind = 'plan')
        union all
        select 'change', n.due_on, null, s.change_source
        from core.exchange_notice n where n.exchange_id = e.id and n.kind = 'change' and n.decision is null
        union all
        select 'approvals', lower(e.planned), array_to_string(api.exchange_pending(e), ', '), null
        where e.status in ('under_review', 'approved') and api.exchange_pending(e) <> '{}'
        union all
        select 'start', lower(e.planned), null, null
        where e.status = 'approved' and api.exchange_pending(e) = '{}'
        union all
        select 'completion', core.last_day(e.held), null, null where e.status = 'active'
        union all
        select 'end', y.until, null, s.end_source
        from (
            -- The last day of the month by which it ends, in the scheme's year that holds its first day.
            select (z.month + interval '1 month - 1 day')::date as until
            from (
                select case when f.month >= date_trunc('month', k.first) then f.month else f.month + interval '1 year' end as month
                from (
                    select max(core.year_start(v.year, s.year_kind)) as first
                    from generate_series(extract(year from lower(e.held))::integer - 1, extract(year from lower(e.held))::integer + 1) as v (year)
                    where core.year_start(v.year, s.year_kind) <= lower(e.held)) k
                cross join lateral (select make_date(extract(year from k.first)::integer, s.ends_by_month, 1)::timestamp as month) f) z) y
        where s.ends_by_month is not null and e.status in ('proposed', 'under_review', 'approved', 'active')
            and upper(e.held) - 1 > y.until
        union all
        select 'report', (core.last_day(e.held) + s.report_days_after)::date, null, s.report_source
        where e.status in ('active', 'completed') and not e.erased and not exists (
            select from core.exchange_notice n where n.exchange_id = e.id and n.kind = 'report')) x
    where x.due_on is not null
$$;
comment on function api.exchange_deadlines(core.exchange) is
    'What is still due of an exchange by its scheme''s calendar and by its own dates, with where the rule stands';

create function api.json_joined(p_one json, p_other json) returns json
language sql immutable as $$
    -- A call takes a hundred arguments, and so makes an object of fifty fields.
    select (left(p_one::text, -1) || ', ' || substr(p_other::text, 2))::json
$$;
comment on function api.json_joined(json, json) is 'One object with the fields of two, neither of which is empty';

create function api.exchange_json(e core.exchange, p_lang text) returns json
language sql stable as $$
    select api.json_joined(json_build_object('id', e.id, 'code', e.code, 'kind', e.kind,
        'title', core.label(e.title_en, e.title_ja, p_lang), 'person', api.person_brief(e.person_id, p_lang),
        'home', api.organization_brief(e.home_id, p_lang), 'host', api.organization_brief(e.host_id, p_lang),
        'home_country', (select o.country from core.organization o where o.id = e.home_id),
        'host_country', (select o.country from core.organization o where o.id = e.host_id),
        'facility', api.facility_brief(e.facility_id, p_lang), 'agreement', api.agreement_brief(e.agreement_id, p_lang),
        'committee', api.committee_brief(e.committee_id, p_lang), 'scheme', api.scheme_brief(e.scheme_id, p_lang),
        'direction', api.exchange_direction(e.home_id, e.host_id), 'category', e.category, 'category_name', (
            select core.label(c.name_en, c.name_ja, p_lang) from core.scheme_category c
            where c.scheme_id = e.scheme_id and c.code = e.category),
        'key_person', api.person_brief(e.key_person_id, p_lang),
        'counterpart', api.person_brief(e.counterpart_person_id, p_lang), 'pillars', e.pillars,
        'starts', lower(e.held), 'ends', core.last_day(e.held),
        'planned', json_build_object('starts', lower(e.planned), 'ends', core.last_day(e.planned)),
        'fte', trim_scale(e.fte), 'in_person', e.in_person,
        'days_proposed', e.days_proposed, 'days_approved', e.days_approved, 'days_actual', e.days_actual,
        'status', e.status, 'actions', api.exchange_actions(e.status),
        'objectives', (
            select coalesce(json_agg(json_build_object('skill', api.skill_brief(s.id, p_lang), 'level', o.level,
                'gained_level', o.gained_level, 'reversed_level', o.reversed_level) order by s.code), '[]'::json)
            from core.exchange_objective o join core.skill s on s.id = o.skill_id where o.exchange_id = e.id),
        'requires', e.requires, 'approvals', api.exchange_approvals(e), 'pending', api.exchange_pending(e)), json_build_object(
        'funding', e.funding,
        'costs', (
            select coalesce(json_agg(json_build_object('part', f.part, 'payer', f.payer, 'amount', trim_scale(f.amount),
                'currency', f.currency) order by f.part, f.payer), '[]'::json)
            from core.exchange_funding f where f.exchange_id = e.id),
        'participants', (
            select coalesce(json_agg(json_build_object('person', api.person_brief(x.person_id, p_lang),
                'organization', api.organization_brief(x.organization_id, p_lang), 'people', x.people, 'days', x.days)
                order by x.person_id, x.organization_id), '[]'::json)
            from (
                select p.person_id, p.organization_id, 1 as people, p.days
                from core.exchange_participant p where p.exchange_id = e.id
                union all
                select null, a.organization_id, a.people, a.days
                from core.exchange_attendance a where a.exchange_id = e.id) x),
        'assignment', (
            select json_build_object('type', a.type, 'agency', api.organization_brief(a.agency_id, p_lang),
                'department', a.department, 'position', a.position, 'reference', a.reference, 'contract_ends', a.contract_ends)
            from core.exchange_assignment a where a.exchange_id = e.id),
        'deadlines', (
            select coalesce(json_agg(json_build_object('due', d.due, 'due_on', d.due_on) order by d.due_on, d.due), '[]'::json)
            from api.exchange_deadlines(e) d),
        'notices', api.exchange_notices(e.id),
        'reason', e.reason, 'returned', e.returned, 'outcome', e.outcome,
        'publications', (
            select coalesce(json_agg(p.link order by p.link), '[]'::json)
            from core.exchange_publication p where p.exchange_id = e.id),
        'granted', (
            select coalesce(json_agg(json_build_object('id', h.id, 'skill', api.skill_brief(h.skill_id, p_lang), 'level', h.level,
                'starts', lower(h.valid), 'reversed_on', h.reversed_on, 'reversed_reason', h.reversed_reason) order by h.id), '[]'::json)
            from core.holding h where h.exchange_id = e.id),
        'corrected_reason', e.corrected_reason, 'steps', api.exchange_steps(e.id),
        'note', e.note, 'source', e.source, 'unverified', e.unverified, 'synthetic', e.synthetic,
        'version', e.version, 'created_at', e.created_at, 'updated_at', e.updated_at))
$$;
comment on function api.exchange_json(core.exchange, text) is 'An exchange as it is answered';

create function api.exchange_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.exchange_ref(p_ref, 'ref');
begin
    return (select api.exchange_json(e, p_lang) from core.exchange e where e.id = v_id);
end
$$;
comment on function api.exchange_get is 'exchange.get';

create function api.exchange_history(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
begin
    return json_build_object('items', api.exchange_steps(api.exchange_ref(p_ref, 'ref')));
end
$$;
comment on function api.exchange_history is 'exchange.history';

create function api.exchange_list(p_caller uuid, p_status text, p_kind text, p_home text, p_host text, p_organization text,
    p_home_country text, p_host_country text, p_person text, p_committee text, p_agreement text, p_scheme text,
    p_category text, p_in_scheme boolean, p_pillar text, p_skill text, p_active_on date, p_synthetic boolean, p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer set plan_cache_mode = force_custom_plan as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_home uuid := api.organization_ref(p_home, 'home');
    v_host uuid := api.organization_ref(p_host, 'host');
    v_organization uuid := api.organization_ref(p_organization, 'organization');
    v_person uuid := api.person_ref(p_person, 'person');
    v_committee uuid := api.committee_ref(p_committee, 'committee');
    v_agreement uuid := api.agreement_ref(p_agreement, 'agreement');
    v_scheme uuid := api.scheme_ref(p_scheme, 'scheme');
    v_skill uuid := api.skill_ref(p_skill, 'skill');
    v_of_person uuid[];
begin
    if v_person is not null then
        v_of_person := array(
            select e.id from core.exchange e where e.person_id = v_person
            union select p.exchange_id from core.exchange_participant p where p.person_id = v_person);
    end if;
    return (
        select core.page(array_agg(json_build_object('id', e.id, 'code', e.code, 'kind', e.kind,
                'title', core.label(e.title_en, e.title_ja, p_lang), 'person', api.person_brief(e.person_id, p_lang),
                'home', api.organization_brief(e.home_id, p_lang), 'host', api.organization_brief(e.host_id, p_lang),
                'home_country', e.home_country, 'host_country', e.host_country,
                'direction', coalesce(e.home_country, 'international') || '→' || coalesce(e.host_country, 'international'),
                'scheme', api.scheme_brief(e.scheme_id, p_lang), 'category', e.category,
                'starts', lower(e.held), 'ends', core.last_day(e.held),
                'days', coalesce(e.days_actual, e.days_approved, e.days_proposed),
                'status', e.status, 'pillars', e.pillars,
                'unverified', e.unverified, 'synthetic', e.synthetic, 'version', e.version) order by e.code), v_limit, max(e.code))
        from (select x.*, o.country as home_country, d.country as host_country
              from core.exchange x
              join core.organization o on o.id = x.home_id
              join core.organization d on d.id = x.host_id
              where (v_after is null or x.code > v_after)
                  and (p_status is null or x.status = p_status)
                  and (p_kind is null or x.kind = p_kind)
                  and (v_home is null or x.home_id = v_home)
                  and (v_host is null or x.host_id = v_host)
                  and (v_organization is null or x.home_id = v_organization or x.host_id = v_organization)
                  and (p_home_country is null or o.country = p_home_country)
                  and (p_host_country is null or d.country = p_host_country)
                  and (v_of_person is null or x.id = any (v_of_person))
                  and (v_committee is null or x.committee_id = v_committee)
                  and (v_agreement is null or x.agreement_id = v_agreement)
                  and (v_scheme is null or x.scheme_id = v_scheme)
                  and (p_category is null or x.category = p_category)
                  and (p_in_scheme is null or (x.scheme_id is not null) = p_in_scheme)
                  and (p_pillar is null or p_pillar = any (x.pillars))
                  and (v_skill is null or exists (
                      select from core.exchange_objective k join derive.skill_subject s on s.skill_id = k.skill_id
                      where k.exchange_id = x.id and s.subject_id = v_skill))
                  and (p_active_on is null or x.held @> p_active_on and x.status in ('approved', 'active', 'completed'))
                  and (p_synthetic is null or x.synthetic = p_synthetic)
              order by x.code limit v_limit) e);
end
$$;
comment on function api.exchange_list is 'exchange.list';

-- Writing -----------------------------------------------------------------------------------------

create function api.exchange_lock(p_ref text, p_if_version bigint, p_action text) returns core.exchange
language plpgsql as $$
declare
    v_id uuid;
    v_row core.exchange;
begin
    v_id := api.exchange_ref(p_ref, 'ref');
    perform api.own_check('ref', e.home_id, e.host_id) from core.exchange e where e.id = v_id;
    select * into v_row from core.exchange e where e.id = v_id for no key update;
    perform core.check_version(p_if_version, v_row.version);
    if p_action is not null then
        perform api.transition_check('exchange', v_row.status, p_action, api.exchange_actions(v_row.status));
    end if;
    return v_row;
end
$$;
comment on function api.exchange_lock(text, bigint, text) is
    'The exchange, locked, after its version and status were found to allow the action';

create function api.exchange_trace(p_caller uuid, p_was core.exchange, p_became core.exchange, p_reason text) returns void
language sql as $$
    insert into core.exchange_step (exchange_id, field, was, became, reason, principal_id)
    select p_became.id, f.field, f.was, f.became, p_reason, p_caller
    from (values (1, 'status', p_was.status, p_became.status),
        (2, 'days_proposed', p_was.days_proposed::text, p_became.days_proposed::text),
        (3, 'days_approved', p_was.days_approved::text, p_became.days_approved::text),
        (4, 'days_actual', p_was.days_actual::text, p_became.days_actual::text),
        (5, 'returned', p_was.returned::text, p_became.returned::text),
        -- The plan that it began with is no change.
        (6, 'starts', coalesce(lower(p_was.planned), lower(p_became.planned))::text, lower(p_became.planned)::text),
        (7, 'ends', case when p_was.id is null then core.last_day(p_became.planned) else core.last_day(p_was.planned) end::text,
            core.last_day(p_became.planned)::text)) as f (place, field, was, became)
    where f.was is distinct from f.became
    order by f.place
$$;
comment on function api.exchange_trace(uuid, core.exchange, core.exchange, text) is
    'Writes into the history what a change did to the status, the plan, the three figures of days, and whether the person returned';

create function api.exchange_parts_write(e core.exchange, p_objectives jsonb, p_costs jsonb, p_participants jsonb,
    p_assignment jsonb) returns void
language plpgsql as $$
declare
    v_item jsonb;
    v_place bigint := 0;
begin
    if p_objectives is not null then
        delete from core.exchange_objective o where o.exchange_id = e.id;
        insert into core.exchange_objective (exchange_id, skill_id, level)
        select e.id, s.skill_id, s.level from api.skill_levels_check(p_objectives, 'objectives', false) s;
    end if;
    if p_costs is not null then
        delete from core.exchange_funding f where f.exchange_id = e.id;
        for v_item in select * from jsonb_array_elements(p_costs) loop
            insert into core.exchange_funding (exchange_id, part, payer, amount, currency)
            values (e.id, v_item ->> 'part', v_item ->> 'payer', (v_item ->> 'amount')::numeric, v_item ->> 'currency');
        end loop;
    end if;
    if p_participants is not null then
        if e.kind <> 'workshop' and p_participants <> '[]' then
            perform core.fail('invalid_params', 'only a workshop has participants', 'participants', 'absent, and the person instead');
        end if;
        delete from core.exchange_participant p where p.exchange_id = e.id;
        delete from core.exchange_attendance a where a.exchange_id = e.id;
        for v_item in select * from jsonb_array_elements(p_participants) loop
            if v_item ->> 'person' is not null then
                if v_item ->> 'people' is not null then
                    perform core.fail('invalid_params', 'a person is one participant', format('participants[%s].people', v_place),
                        'absent, or the organization instead of the person');
                end if;
                insert into core.exchange_participant (exchange_id, person_id, organization_id, days)
                values (e.id, api.person_ref(v_item ->> 'person', format('participants[%s].person', v_place)),
                    api.organization_ref(v_item ->> 'organization', format('participants[%s].organization', v_place)),
                    (v_item ->> 'days')::integer);
            else
                if v_item ->> 'organization' is null or v_item ->> 'people' is null then
                    perform core.fail('invalid_params', 'a participant is a person, or so many people of an organization',
                        format('participants[%s].%s', v_place, case when v_item ->> 'people' is null then 'person' else 'organization' end),
                        'a person, or an organization with people');
                end if;
                insert into core.exchange_attendance (exchange_id, organization_id, people, days)
                values (e.id, api.organization_ref(v_item ->> 'organization', format('participants[%s].organization', v_place)),
                    (v_item ->> 'people')::integer, (v_item ->> 'days')::integer);
            end if;
            v_place := v_place + 1;
        end loop;
    end if;
    if p_assignment is not null then
        if e.kind <> 'iter_assignment' then
            perform core.fail('invalid_params', 'only an assignment to ITER has these details', 'assignment', 'absent');
        end if;
        insert into core.exchange_assignment (exchange_id, type, agency_id, department, position, reference, contract_ends)
        values (e.id, p_assignment ->> 'type', api.organization_ref(p_assignment ->> 'agency', 'assignment.agency'),
            p_assignment ->> 'department', p_assignment ->> 'position', p_assignment ->> 'reference',
            (p_assignment ->> 'contract_ends')::date)
        on conflict (exchange_id) do update set type = excluded.type, agency_id = excluded.agency_id,
            department = excluded.department, position = excluded.position, reference = excluded.reference,
            contract_ends = excluded.contract_ends;
    end if;
end
$$;
comment on function api.exchange_parts_write(core.exchange, jsonb, jsonb, jsonb, jsonb) is
    'Replaces those of objectives, costs, participants and the details of an assignment that are given';

create function api.publication_link(p_link text, p_place bigint) returns text
language plpgsql immutable as $$
declare
    v_link text := regexp_replace(btrim(p_link), '^doi: *', '', 'i');
begin
    if v_link ~ '^10\.\d{4,9}/\S+$' then
        return 'https://doi.org/' || v_link;
    end if;
    if v_link !~ '^https://[^[:space:]/]+\.[^[:space:]]+$' then
        perform core.fail('invalid_params', 'a publication is named by a link', format('publications[%s]', p_place),
            'an https address or a DOI, as 10.1088/1741-4326/ab1cdf');
    end if;
    return v_link;
end
$$;
comment on function api.publication_link(text, bigint) is 'The link of a publication: an https address as it is, a DOI as an address of doi.org';

create function api.exchange_publish(e core.exchange, p_publications text[]) returns void
language plpgsql as $$
declare
    v_links text[] := array(
        select api.publication_link(l.link, l.place - 1) from unnest(p_publications) with ordinality as l (link, place));
begin
    if p_publications is null then
        return;
    end if;
    delete from core.exchange_publication p where p.exchange_id = e.id and p.link <> all (v_links);
    insert into core.exchange_publication (exchange_id, link)
    select e.id, l.link from unnest(v_links) as l (link)
    on conflict do nothing;
end
$$;
comment on function api.exchange_publish(core.exchange, text[]) is 'Replaces the publications of an exchange, where any are given';

create function api.exchange_category_check(e core.exchange) returns void
language plpgsql stable as $$
declare
    v_categories text[];
begin
    select s.categories into v_categories from core.scheme s where s.id = e.scheme_id;
    if e.category is not null and e.scheme_id is null then
        perform core.fail('invalid_params', 'a category is one of a scheme', 'category', 'absent, or given with the scheme');
    end if;
    if e.category is not null and v_categories <> '{}' and e.category <> all (v_categories) then
        perform core.fail('invalid_params', 'the scheme has no such category', 'category',
            format('one of %s', array_to_string(v_categories, ', ')));
    end if;
end
$$;
comment on function api.exchange_category_check(core.exchange) is 'Ends the call where the category is not one of the scheme''s';

create function api.exchange_create(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_kind text, p_person text, p_home text, p_host text, p_starts date, p_ends date, p_code text,
    p_title_en text, p_title_ja text, p_facility text, p_agreement text, p_committee text, p_scheme text, p_category text,
    p_key_person text, p_counterpart text, p_pillars text[], p_objectives jsonb, p_fte numeric, p_in_person boolean, p_days_proposed bigint,
    p_funding text, p_costs jsonb, p_requires text[], p_participants jsonb, p_assignment jsonb,
    p_note text, p_source text, p_unverified boolean, p_synthetic boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_home uuid;
    v_host uuid;
    v_planned daterange;
    v_row core.exchange;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_home := api.organization_ref(p_home, 'home');
    v_host := api.organization_ref(p_host, 'host');
    perform api.own_check('home', v_home, v_host);
    v_planned := core.days(p_starts, p_ends);
    insert into core.exchange (code, kind, title_en, title_ja, person_id, home_id, host_id, facility_id, agreement_id,
        committee_id, scheme_id, category, key_person_id, counterpart_person_id, pillars, planned, fte, in_person, days_proposed, funding,
        requires, note, source, unverified, synthetic)
    values (coalesce(p_code, api.exchange_next_code()), p_kind, p_title_en, p_title_ja,
        api.person_ref(p_person, 'person'), v_home, v_host,
        api.facility_ref(p_facility, 'facility'), api.agreement_ref(p_agreement, 'agreement'),
        api.committee_ref(p_committee, 'committee'), api.scheme_ref(p_scheme, 'scheme'), p_category,
        api.person_ref(p_key_person, 'key_person'), api.person_ref(p_counterpart, 'counterpart'), coalesce(p_pillars, '{}'), v_planned, coalesce(p_fte, 1),
        coalesce(p_in_person, true), coalesce(p_days_proposed, upper(v_planned) - lower(v_planned)),
        coalesce(p_funding, 'home'), array(select distinct unnest(coalesce(p_requires, array['home', 'host']))),
        p_note, p_source, coalesce(p_unverified, false), coalesce(p_synthetic, false))
    returning * into v_row;
    perform api.exchange_category_check(v_row);
    perform api.exchange_parts_write(v_row, p_objectives, p_costs, p_participants, p_assignment);
    perform api.exchange_trace(p_caller, null, v_row, null);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_create is 'exchange.create';

create function api.exchange_update(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_home text, p_host text, p_starts date, p_ends date, p_objectives jsonb, p_fte numeric,
    p_in_person boolean, p_days_proposed bigint, p_requires text[], p_scheme text, p_category text,
    p_title_en text, p_title_ja text, p_facility text, p_agreement text, p_committee text, p_key_person text, p_counterpart text,
    p_pillars text[], p_funding text, p_costs jsonb, p_participants jsonb, p_assignment jsonb,
    p_returned boolean, p_outcome text, p_publications text[],
    p_note text, p_source text, p_unverified boolean, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_was core.exchange;
    v_row core.exchange;
    v_home uuid;
    v_host uuid;
    v_planned daterange;
    v_plan text;
    v_result text;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_was := api.exchange_lock(p_ref, p_if_version, null);
    v_home := coalesce(api.organization_ref(p_home, 'home'), v_was.home_id);
    v_host := coalesce(api.organization_ref(p_host, 'host'), v_was.host_id);
    perform api.own_check(case when p_home is not null then 'home' else 'host' end, v_home, v_host);
    v_plan := case
        when p_home is not null then 'home' when p_host is not null then 'host'
        when p_starts is not null then 'starts' when p_ends is not null then 'ends'
        when p_objectives is not null then 'objectives' when p_fte is not null then 'fte'
        when p_in_person is not null then 'in_person' when p_days_proposed is not null then 'days_proposed'
        when p_requires is not null then 'requires'
        when p_scheme is not null or 'scheme' = any (p_clear) then 'scheme'
        when p_category is not null or 'category' = any (p_clear) then 'category' end;
    if v_plan is not null and v_was.status not in ('proposed', 'under_review') then
        perform core.fail('invalid_transition',
            format('the exchange is %s, and its plan changes only before approval', v_was.status), v_plan, 'absent');
    end if;
    v_result := case when p_returned is not null or 'returned' = any (p_clear) then 'returned'
        when p_outcome is not null or 'outcome' = any (p_clear) then 'outcome'
        when p_publications is not null then 'publications' end;
    if v_result is not null and v_was.status <> 'completed' then
        perform core.fail('invalid_transition', format('the exchange is %s, and what came of it is known after completion',
            replace(v_was.status, '_', ' ')), v_result, 'absent');
    end if;
    v_planned := core.days(coalesce(p_starts, lower(v_was.planned)), coalesce(p_ends, core.last_day(v_was.planned)));
    perform api.exchange_parts_write(v_was, p_objectives, p_costs, p_participants, p_assignment);
    perform api.exchange_publish(v_was, p_publications);
    update core.exchange e set
        home_id = v_home,
        host_id = v_host,
        planned = v_planned,
        fte = coalesce(p_fte, e.fte),
        in_person = coalesce(p_in_person, e.in_person),
        -- All the days of the plan stay all the days of the changed plan.
        days_proposed = coalesce(p_days_proposed,
            case when e.days_proposed = upper(e.planned) - lower(e.planned) then upper(v_planned) - lower(v_planned)
                else e.days_proposed end),
        requires = case when p_requires is null then e.requires else array(select distinct unnest(p_requires)) end,
        scheme_id = core.patch(api.scheme_ref(p_scheme, 'scheme'), e.scheme_id, 'scheme' = any (p_clear)),
        -- A category goes with its scheme.
        category = core.patch(p_category, e.category, array['category', 'scheme'] && p_clear),
        title_en = core.patch(p_title_en, e.title_en, 'title' = any (p_clear)),
        title_ja = core.patch(p_title_ja, e.title_ja, 'title' = any (p_clear)),
        facility_id = core.patch(api.facility_ref(p_facility, 'facility'), e.facility_id, 'facility' = any (p_clear)),
        agreement_id = core.patch(api.agreement_ref(p_agreement, 'agreement'), e.agreement_id, 'agreement' = any (p_clear)),
        committee_id = core.patch(api.committee_ref(p_committee, 'committee'), e.committee_id, 'committee' = any (p_clear)),
        key_person_id = core.patch(api.person_ref(p_key_person, 'key_person'), e.key_person_id, 'key_person' = any (p_clear)),
        counterpart_person_id = core.patch(api.person_ref(p_counterpart, 'counterpart'), e.counterpart_person_id,
            'counterpart' = any (p_clear)),
        pillars = coalesce(p_pillars, e.pillars),
        funding = coalesce(p_funding, e.funding),
        returned = core.patch(p_returned, e.returned, 'returned' = any (p_clear)),
        outcome = core.patch(p_outcome, e.outcome, 'outcome' = any (p_clear)),
        note = core.patch(p_note, e.note, 'note' = any (p_clear)),
        source = core.patch(p_source, e.source, 'source' = any (p_clear)),
        unverified = coalesce(p_unverified, e.unverified),
        -- These stand in tables of their own; a change of them is a change of the exchange.
        updated_at = case when num_nonnulls(p_objectives, p_costs, p_participants, p_assignment, p_publications) > 0 then now() else e.updated_at end
    where e.id = v_was.id
    returning * into v_row;
    if (v_row.scheme_id, v_row.category) is distinct from (v_was.scheme_id, v_was.category) then
        perform api.exchange_category_check(v_row);
    end if;
    perform api.exchange_trace(p_caller, v_was, v_row, null);
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.exchange_update is 'exchange.update';
