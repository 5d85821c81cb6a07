-- SPDX-License-Identifier: Apache-2.0
--
-- Search. derive.search_hits says which records a query finds and how well; here they are fetched, one by one in the order
-- of their rank until the page is full, so that a page costs what is on it. "offset 0" keeps the planner to that order.

create function api.search_check(p_query text) returns void
language plpgsql immutable as $$
begin
    if derive.search_fold(p_query) = '' then
        perform core.fail('invalid_params', 'there is nothing in the query to search for', 'query',
            'a text with at least one letter, digit or kanji');
    end if;
end
$$;
comment on function api.search_check(text) is 'Ends the call where folding leaves nothing of the query';

create function api.search_after(p_cursor text) returns text[]
language plpgsql immutable as $$
declare
    v_key text := core.cursor_read(p_cursor);
begin
    if v_key !~ '^\d{1,2} [A-Za-z0-9._-]+ [a-z]+$' then
        perform core.fail('invalid_params', 'the cursor is not one that a page of this search ended with', 'cursor',
            'what "next" held on the page before');
    end if;
    return string_to_array(v_key, ' ');
end
$$;
comment on function api.search_after(text) is 'Rank, code and noun of the last record on the page before; null on the first page';

create function api.skill_search(p_caller uuid, p_query text, p_framework text, p_kind text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text[] := api.search_after(p_cursor);
    v_framework uuid := api.framework_ref(p_framework, 'framework');
begin
    perform api.search_check(p_query);
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code,
                'name', core.label(o.name_en, o.name_ja, p_lang), 'kind', o.kind,
                'framework', api.framework_brief(o.framework_id, p_lang), 'parent', api.skill_brief(o.parent_id, p_lang),
                'match', json_build_object('how', o.how, 'field', o.field, 'text', o.matched, 'former', o.former),
                'pillars', o.pillars, 'retired', o.retired, 'unverified', o.unverified, 'synthetic', o.synthetic,
                'version', o.version) order by o.rank, o.code), v_limit,
            (array_agg(concat_ws(' ', o.rank, o.code, 'skill') order by o.rank desc, o.code desc))[1])
        from (select x.*, h.rank, h.how, h.field, h.former, h.name as matched
              from (select * from derive.search_hits('skill', p_query, null) f
                    where v_after is null or (f.rank, f.code) > (v_after[1]::smallint, v_after[2])
                    order by f.rank, f.code offset 0) h
              cross join lateral (
                  select s.* from core.skill s
                  where s.id = h.record_id
                      and (v_framework is null or s.framework_id = v_framework)
                      and (p_kind is null or s.kind = p_kind)
                      and (p_synthetic is null or s.synthetic = p_synthetic)
                  offset 0) x
              limit v_limit) o);
end
$$;
comment on function api.skill_search(uuid, text, text, text, boolean, bigint, text, text) is 'skill.search';

create function api.program_search(p_caller uuid, p_query text, p_provider text, p_pillar text, p_status text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text[] := api.search_after(p_cursor);
    v_provider uuid := api.organization_ref(p_provider, 'provider');
begin
    perform api.search_check(p_query);
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code,
                'name', core.label(o.name_en, o.name_ja, p_lang), 'provider', api.organization_brief(o.provider_id, p_lang),
                'match', json_build_object('how', o.how, 'field', o.field, 'text', o.matched, 'former', o.former),
                'mode', o.mode, 'hours', o.hours, 'languages', o.languages, 'pillars', o.pillars, 'status', o.status,
                'unverified', o.unverified, 'synthetic', o.synthetic, 'version', o.version) order by o.rank, o.code), v_limit,
            (array_agg(concat_ws(' ', o.rank, o.code, 'program') order by o.rank desc, o.code desc))[1])
        from (select x.*, h.rank, h.how, h.field, h.former, h.name as matched
              from (select * from derive.search_hits('program', p_query, null) f
                    where v_after is null or (f.rank, f.code) > (v_after[1]::smallint, v_after[2])
                    order by f.rank, f.code offset 0) h
              cross join lateral (
                  select s.* from core.program s
                  where s.id = h.record_id
                      and (v_provider is null or s.provider_id = v_provider)
                      and (p_pillar is null or p_pillar = any (s.pillars))
                      and (p_status is null or s.status = p_status)
                      and (p_synthetic is null or s.synthetic = p_synthetic)
                  offset 0) x
              limit v_limit) o);
end
$$;
comment on function api.program_search is 'program.search';

create function api.organization_search(p_caller uuid, p_query text, p_kind text, p_country text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text[] := api.search_after(p_cursor);
begin
    perform api.search_check(p_query);
    return (
        select core.page(array_agg(json_build_object('id', o.id, 'code', o.code, 'noun', o.noun,
                'name', core.label(o.name_en, o.name_ja, p_lang), 'kind', o.kind, 'country', o.country,
                'match', json_build_object('how', o.how, 'field', o.field, 'text', o.matched, 'former', o.former),
                'unverified', o.unverified, 'synthetic', o.synthetic, 'version', o.version)
                order by o.rank, o.code, o.noun), v_limit,
            (array_agg(concat_ws(' ', o.rank, o.code, o.noun) order by o.rank desc, o.code desc, o.noun desc))[1])
        from (select x.*, h.noun, h.rank, h.how, h.field, h.former, h.name as matched
              from (select f.* from (
                        select 'organization' as noun, a.* from derive.search_hits('organization', p_query, null) a
                        -- Abbreviations have namesakes among committees and agreements.
                        union all
                        select 'committee', a.* from derive.search_hits('committee', p_query, null) a
                        where a.field in ('abbreviation', 'code') and a.how = 'exact' and num_nonnulls(p_kind, p_country) = 0
                        union all
                        select 'agreement', a.* from derive.search_hits('agreement', p_query, null) a
                        where a.field in ('abbreviation', 'code') and a.how = 'exact' and num_nonnulls(p_kind, p_country) = 0) f
                    where v_after is null or (f.rank, f.code, f.noun) > (v_after[1]::smallint, v_after[2], v_after[3])
                    order by f.rank, f.code, f.noun offset 0) h
              cross join lateral (
                  select s.id, s.code, s.name_en, s.name_ja, s.kind, s.country, s.unverified, s.synthetic, s.version
                  from core.organization s
                  where h.noun = 'organization' and s.id = h.record_id
                      and (p_kind is null or s.kind = p_kind)
                      and (p_country is null or s.country = p_country)
                      and (p_synthetic is null or s.synthetic = p_synthetic)
                  union all
                  select s.id, s.code, s.name_en, s.name_ja, null, null, s.unverified, s.synthetic, s.version
                  from core.committee s
                  where h.noun = 'committee' and s.id = h.record_id and (p_synthetic is null or s.synthetic = p_synthetic)
                  union all
                  select s.id, s.code, s.name_en, s.name_ja, null, null, s.unverified, s.synthetic, s.version
                  from core.agreement s
                  where h.noun = 'agreement' and s.id = h.record_id and (p_synthetic is null or s.synthetic = p_synthetic)
                  offset 0) x
              limit v_limit) o);
end
$$;
comment on function api.organization_search(uuid, text, text, text, boolean, bigint, text, text) is 'organization.search';

create function api.person_search(p_caller uuid, p_query text, p_purpose text, p_form text, p_synthetic boolean,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_limit bigint := coalesce(p_limit, 100);
    v_after text[] := api.search_after(p_cursor);
    v_hit record;
    v_row core.person;
    v_ids uuid[] := '{}';
    v_items jsonb := '{}';
    v_shown uuid[];
    v_last text;
begin
    perform api.search_check(p_query);
    for v_hit in
        select * from derive.search_hits('person', p_query, core.caller_sees()) f
        where v_after is null or (f.rank, f.code) > (v_after[1]::smallint, v_after[2])
        order by f.rank, f.code
    loop
        exit when cardinality(v_ids) = v_limit;
        select * into v_row from core.person p
        where p.id = v_hit.record_id and p.merged_into_id is null and (p_synthetic is null or p.synthetic = p_synthetic)
            and (not exists (select from core.restriction r where r.person_id = p.id and r.lifted_at is null)
                or core.caller_sees_restricted(p.id));
        continue when not found;
        -- To be found by a name is to be shown it. A better match that counts stands, or stood, elsewhere in the list.
        if v_hit.field <> 'code' then
            continue when v_hit.better or p_form = 'pseudonymous' or not derive.person_open(v_row.id, p_purpose);
        elsif v_hit.better then
            continue when coalesce(p_form, '') <> 'pseudonymous' and derive.person_open(v_row.id, p_purpose);
        end if;
        v_ids := v_ids || v_row.id;
        v_items := v_items || jsonb_build_object(v_row.id::text, json_build_object('how', v_hit.how, 'field', v_hit.field,
            'text', v_hit.name, 'former', v_hit.former));
        v_last := concat_ws(' ', v_hit.rank, v_hit.code, 'person');
    end loop;
    if v_ids <> '{}' then
        v_shown := derive.people_gate(v_ids, p_form, p_purpose, 'person.search');
    end if;
    return (
        select core.page(array_agg(case when p.id = any (v_shown) then json_build_object('id', p.id, 'code', p.code,
            'pseudonymous', false, 'name', p.name, 'career_stage', p.career_stage,
            'organization', (
                select json_build_object('id', o.id, 'code', o.code, 'name', core.label(o.name_en, o.name_ja, p_lang))
                from core.affiliation a join core.organization o on o.id = a.organization_id
                where a.person_id = p.id and a.valid @> current_date
                order by a.fte desc, lower(a.valid), a.id limit 1),
            'match', v_items -> p.id::text, 'verified', p.verified, 'synthetic', p.synthetic, 'version', p.version)
            else json_build_object('id', p.id, 'code', p.code, 'pseudonymous', true, 'match', v_items -> p.id::text,
                'synthetic', p.synthetic, 'version', p.version) end order by u.place), v_limit, v_last)
        from unnest(v_ids) with ordinality as u (id, place)
        cross join lateral (select x.* from core.person x where x.id = u.id offset 0) p);
end
$$;
comment on function api.person_search is 'person.search';

-- Labels that lack a language ---------------------------------------------------------------------

create function api.untranslated_after(p_cursor text) returns text[]
language plpgsql immutable as $$
declare
    v_key text := core.cursor_read(p_cursor);
begin
    if v_key !~ '^[a-z]+ [A-Za-z0-9._-]+$' then
        perform core.fail('invalid_params', 'the cursor is not one that a page of this report ended with', 'cursor',
            'what "next" held on the page before');
    end if;
    return string_to_array(v_key, ' ');
end
$$;
comment on function api.untranslated_after(text) is 'Noun and code of the last record on the page before; null on the first page';

do $$
declare
    v_branches text;
begin
    select string_agg(format($q$
                (select %1$L as noun, t.id, t.code::text, t.name_en, t.name_ja, t.unverified, t.synthetic, t.version
                 from core.%1$I t
                 where (p_noun is null or p_noun = %1$L)
                     and (t.name_en is null or t.name_ja is null)
                     and (p_missing is null or case p_missing when 'en' then t.name_en is null else t.name_ja is null end)
                     and (p_synthetic is null or t.synthetic = p_synthetic)
                     and (v_after is null or v_after[1] < %1$L or v_after[1] = %1$L and t.code > v_after[2])
                 order by t.code limit v_limit)$q$, n.noun), ' union all ' order by n.noun) into v_branches
    from unnest(array['agreement', 'committee', 'facility', 'framework', 'organization', 'program', 'qualification', 'role',
        'scheme', 'skill']) as n (noun);
    execute format($f$
        create function api.report_untranslated(p_caller uuid, p_noun text, p_missing text, p_synthetic boolean,
            p_limit bigint, p_cursor text, p_lang text) returns json
        language plpgsql stable security definer as $body$
        declare
            v_limit bigint := coalesce(p_limit, 100);
            v_after text[] := api.untranslated_after(p_cursor);
        begin
            return (
                select core.page(array_agg(json_build_object('noun', o.noun, 'id', o.id, 'code', o.code,
                        'name', core.label(o.name_en, o.name_ja, p_lang), 'missing', case when o.name_en is null then 'en' else 'ja' end,
                        'unverified', o.unverified, 'synthetic', o.synthetic, 'version', o.version)
                        order by o.noun, o.code), v_limit,
                    (array_agg(concat_ws(' ', o.noun, o.code) order by o.noun desc, o.code desc))[1])
                from (select * from (%s) x order by x.noun, x.code limit v_limit) o);
        end
        $body$
        $f$, v_branches);
end
$$;
comment on function api.report_untranslated is 'report.untranslated';
