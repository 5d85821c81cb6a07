-- SPDX-License-Identifier: Apache-2.0
--
-- What comes with the schema and is only read: pillars, levels, agreements, committees, schemes. And what the lists and
-- updates of several nouns share.

create function api.days_patch(p_days daterange, p_starts date, p_ends date, p_clear_ends boolean) returns daterange
language plpgsql immutable as $$
declare
    v_starts date := coalesce(p_starts, lower(p_days));
    v_ends date := core.patch(p_ends, core.last_day(p_days), p_clear_ends);
begin
    if p_ends is null and v_ends < v_starts then
        perform core.fail('invalid_params', 'the start would be after the end', 'starts', 'a date not after the last day');
    end if;
    return core.days(v_starts, v_ends);
end
$$;
comment on function api.days_patch(daterange, date, date, boolean) is
    'The days after an update: a first or last day that was given in place of the one there was';

create function api.record_missing(p_noun text) returns void
language plpgsql immutable as $$
begin
    perform core.fail('not_found', format('there is no such %s', p_noun), 'ref', 'the UUID of a record of this kind');
end
$$;
comment on function api.record_missing(text) is 'Ends the call with not_found, for records that are known by their UUID alone';

-- Pillars and levels ------------------------------------------------------------------------------

create function api.pillar_list(p_caller uuid, p_lang text) returns json
language plpgsql stable security definer as $$
begin
    return (
        select json_build_object('items', coalesce(json_agg(json_build_object('id', p.id, 'code', p.code,
            'name', core.label(p.name_en, p.name_ja, p_lang),
            'summary', core.label(p.summary_en, p.summary_ja, p_lang), 'source', p.source) order by p.place), '[]'::json))
        from core.pillar p);
end
$$;
comment on function api.pillar_list(uuid, text) is 'pillar.list';

create function api.level_list(p_caller uuid, p_lang text) returns json
language plpgsql stable security definer as $$
begin
    return (
        select json_build_object('items', coalesce(json_agg(json_build_object('level', l.level,
            'name', core.label(l.name_en, l.name_ja, p_lang),
            'definition', core.label(l.definition_en, l.definition_ja, p_lang),
            'onet_low', l.onet_low, 'onet_high', l.onet_high, 'source', l.source) order by l.level), '[]'::json))
        from core.level l);
end
$$;
comment on function api.level_list(uuid, text) is 'level.list';

-- Agreements --------------------------------------------------------------------------------------

create function api.agreement_json(a core.agreement, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', a.id, 'code', a.code, 'name', core.label(a.name_en, a.name_ja, p_lang),
        'abbreviation', a.abbreviation, 'parties', a.parties, 'signed', a.signed,
        'starts', lower(a.in_force), 'ends', core.last_day(a.in_force),
        'parent', api.agreement_brief(a.parent_id, p_lang),
        'note', a.note, 'source', a.source, 'unverified', a.unverified, 'synthetic', a.synthetic,
        'version', a.version, 'created_at', a.created_at, 'updated_at', a.updated_at)
$$;
comment on function api.agreement_json(core.agreement, text) is 'An agreement as it is answered';

create function api.agreement_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.agreement_ref(p_ref, 'ref');
begin
    return (select api.agreement_json(a, p_lang) from core.agreement a where a.id = v_id);
end
$$;
comment on function api.agreement_get(uuid, text, text) is 'agreement.get';

create function api.agreement_list(p_caller uuid, p_parent text, p_in_force_on date,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_parent uuid := api.agreement_ref(p_parent, 'parent');
begin
    return (
        select core.page(array_agg(api.agreement_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.agreement x
              where (v_after is null or x.code > v_after)
                  and (v_parent is null or x.parent_id = v_parent)
                  and (p_in_force_on is null or x.in_force @> p_in_force_on)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.agreement_list(uuid, text, date, bigint, text, text) is 'agreement.list';

-- Committees --------------------------------------------------------------------------------------

create function api.committee_json(c core.committee, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', c.id, 'code', c.code, 'name', core.label(c.name_en, c.name_ja, p_lang),
        'abbreviation', c.abbreviation, 'parent', api.committee_brief(c.parent_id, p_lang),
        'agreement', api.agreement_brief(c.agreement_id, p_lang), 'established', c.established,
        'note', c.note, 'source', c.source, 'unverified', c.unverified, 'synthetic', c.synthetic,
        'version', c.version, 'created_at', c.created_at, 'updated_at', c.updated_at)
$$;
comment on function api.committee_json(core.committee, text) is 'A committee as it is answered';

create function api.committee_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.committee_ref(p_ref, 'ref');
begin
    return (select api.committee_json(c, p_lang) from core.committee c where c.id = v_id);
end
$$;
comment on function api.committee_get(uuid, text, text) is 'committee.get';

create function api.committee_list(p_caller uuid, p_parent text, p_agreement text,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_parent uuid := api.committee_ref(p_parent, 'parent');
    v_agreement uuid := api.agreement_ref(p_agreement, 'agreement');
begin
    return (
        select core.page(array_agg(api.committee_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.committee x
              where (v_after is null or x.code > v_after)
                  and (v_parent is null or x.parent_id = v_parent)
                  and (v_agreement is null or x.agreement_id = v_agreement)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.committee_list(uuid, text, text, bigint, text, text) is 'committee.list';

-- Schemes -----------------------------------------------------------------------------------------

create function api.scheme_json(s core.scheme, p_lang text) returns json
language sql stable as $$
    select json_build_object('id', s.id, 'code', s.code, 'name', core.label(s.name_en, s.name_ja, p_lang),
        'categories', s.categories, 'plan_months_before', s.plan_months_before,
        'category_names', (
            select coalesce(json_agg(json_build_object('code', c.code, 'name', core.label(c.name_en, c.name_ja, p_lang))
                order by c.place), '[]'::json)
            from core.scheme_category c where c.scheme_id = s.id),
        'change_days_before', s.change_days_before,
        'report_days_after', s.report_days_after, 'ends_by_month', s.ends_by_month, 'year_kind', s.year_kind,
        'rule_sources', json_build_object('plan', s.plan_source, 'change', s.change_source, 'report', s.report_source,
            'end', s.end_source),
        'committee', api.committee_brief(s.committee_id, p_lang), 'agreement', api.agreement_brief(s.agreement_id, p_lang),
        'note', s.note, 'source', s.source, 'unverified', s.unverified, 'synthetic', s.synthetic,
        'version', s.version, 'created_at', s.created_at, 'updated_at', s.updated_at)
$$;
comment on function api.scheme_json(core.scheme, text) is 'A scheme as it is answered';

create function api.scheme_get(p_caller uuid, p_ref text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_id uuid := api.scheme_ref(p_ref, 'ref');
begin
    return (select api.scheme_json(s, p_lang) from core.scheme s where s.id = v_id);
end
$$;
comment on function api.scheme_get(uuid, text, text) is 'scheme.get';

create function api.scheme_list(p_caller uuid, p_committee text, p_agreement text,
    p_limit bigint, p_cursor text, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_limit bigint := coalesce(p_limit, 100);
    v_after text := core.cursor_read(p_cursor);
    v_committee uuid := api.committee_ref(p_committee, 'committee');
    v_agreement uuid := api.agreement_ref(p_agreement, 'agreement');
begin
    return (
        select core.page(array_agg(api.scheme_json(o, p_lang) order by o.code), v_limit, max(o.code))
        from (select x.* from core.scheme x
              where (v_after is null or x.code > v_after)
                  and (v_committee is null or x.committee_id = v_committee)
                  and (v_agreement is null or x.agreement_id = v_agreement)
              order by x.code limit v_limit) o);
end
$$;
comment on function api.scheme_list(uuid, text, text, bigint, text, text) is 'scheme.list';
