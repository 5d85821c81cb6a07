-- SPDX-License-Identifier: Apache-2.0
--
-- The rights of the people whom records are about, served for them by who keeps the record: APPI 32 to 35 (disclosure,
-- correction, cease of use), GDPR 15 to 20, Privacy Act (d). And how long records are kept.
--
-- A restricted record is shown only to administrators, auditors and who keeps it, and nothing more is recorded on it;
-- figures go on counting it as it stands, for they say nothing of the person and would else betray the restriction.

create function api.export_text(p_record json, p_lang text) returns text
language plpgsql stable as $$
declare
    v_ja boolean := coalesce(p_lang = 'ja', false);
    v_text text := case when v_ja then '# 保有している個人データ' else '# What is recorded about you' end || E'\n';
    v_section record;
    v_row record;
    v_field record;
begin
    for v_section in
        select 0 as place, 'person' as name, p_record -> 'person' as rows
        union all
        select 1, r.key, r.value from json_each(p_record -> 'records') r
        union all
        select 2, x.name, p_record -> x.name from (values ('changes'), ('accesses')) as x (name)
        order by 1, 2
    loop
        continue when coalesce(json_array_length(v_section.rows), 0) = 0;
        v_text := v_text || format(E'\n## %s\n', coalesce(
            (select case when v_ja then h.ja else h.en end
             from (values ('person', 'The record', '本人の記録'), ('affiliation', 'Affiliations', '所属'), ('holding', 'Skills and their evidence', '技能とその根拠'),
                ('person_qualification', 'Qualifications', '資格'), ('enrollment', 'Enrollments', '受講'), ('exchange', 'Exchanges', '人材交流'),
                ('exchange_approval', 'Approvals of exchanges', '人材交流の承認'), ('exchange_step', 'History of exchanges', '人材交流の経過'),
                ('exchange_notice', 'Notices of exchanges', '人材交流の届出'), ('exchange_funding', 'Costs of exchanges', '人材交流の費用'),
                ('exchange_objective', 'Objectives of exchanges', '人材交流の目標'), ('exchange_publication', 'Publications', '発表'),
                ('exchange_participant', 'Workshops', 'ワークショップ'), ('exchange_as_counterpart', 'Exchanges as the counterpart', '受入担当としての人材交流'),
                ('exchange_as_key', 'Exchanges as the key person', 'キーパーソンとしての人材交流'),
                ('exchange_assignment', 'Assignments to ITER', 'ITER派遣の詳細'), ('exchange_attendance', 'Numbers of participants', '参加人数'),
                ('belonging', 'Organizations that see the record', '記録を閲覧できる機関'),
                ('consent', 'Consents', '同意'), ('legal_basis', 'Legal bases', '法的根拠'), ('restriction', 'Restrictions', '利用の制限'),
                ('correction', 'Corrections', '訂正'), ('derived_timeline', 'Levels over time (derived)', '水準の推移(導出)'),
                ('derived_location', 'Where you count over time (derived)', '計上先の推移(導出)'), ('changes', 'Changes of the record', '記録の変更'),
                ('accesses', 'Who read it', '閲覧と提供の記録')) as h (name, en, ja)
             where h.name = v_section.name), v_section.name));
        for v_row in select e.value from json_array_elements(v_section.rows) e loop
            v_text := v_text || E'\n';
            for v_field in
                select f.key, case json_typeof(f.value) when 'string' then f.value #>> '{}' else f.value::text end as value
                from json_each(v_row.value) f
                where json_typeof(f.value) <> 'null' and f.value::text not in ('[]', '""')
                    and f.key not in ('id', 'version') and f.key !~ '_id$'
            loop
                v_text := v_text || format(E'- %s: %s\n', replace(v_field.key, '_', ' '), v_field.value);
            end loop;
        end loop;
    end loop;
    return v_text;
end
$$;
comment on function api.export_text(json, text) is 'What subject.export answers, as Markdown for people';

create function api.subject_export(p_caller uuid, p_ref text, p_format text, p_lang text) returns json
language plpgsql security definer as $$
declare
    v_role text := core.read_begin(p_caller);
    v_id uuid := api.person_ref(p_ref, 'ref');
    v_record json;
begin
    perform derive.subject_check(v_id);
    perform derive.people_gate(array[v_id], 'personal', 'subject_request', 'subject.export');
    v_record := derive.subject_record(v_id);
    v_record := json_build_object('exported_at', now(), 'person', v_record -> 'person', 'records', v_record -> 'records',
        'changes', v_record -> 'changes', 'accesses', derive.subject_accesses(v_id, null, 10000));
    if p_format = 'markdown' then
        return json_build_object('exported_at', v_record -> 'exported_at', 'format', 'markdown', 'text', api.export_text(v_record, p_lang));
    end if;
    return v_record;
end
$$;
comment on function api.subject_export is 'subject.export';

create function api.subject_access_log(p_caller uuid, p_ref text, p_before date, p_limit bigint) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
begin
    return json_build_object('items', derive.subject_accesses(api.person_ref(p_ref, 'ref'), p_before::timestamp at time zone 'UTC', coalesce(p_limit, 100)));
end
$$;
comment on function api.subject_access_log is 'subject.access_log';

create function api.subject_correct(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_if_version bigint, p_reason text, p_refused text[], p_name text, p_career_stage text, p_birth_cohort bigint,
    p_researcher_id text, p_clear text[]) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_id uuid;
    v_old core.person;
    v_row core.person;
    v_fields text[];
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    v_id := api.person_ref(p_ref, 'ref');
    perform derive.subject_check(v_id);
    select * into v_old from core.person p where p.id = v_id for no key update;
    perform core.check_version(p_if_version, v_old.version);
    update core.person p set
        name = core.patch(p_name, p.name, 'name' = any (p_clear)),
        career_stage = coalesce(p_career_stage, p.career_stage),
        birth_cohort = core.patch(p_birth_cohort::smallint, p.birth_cohort, 'birth_cohort' = any (p_clear)),
        researcher_id = core.patch(p_researcher_id, p.researcher_id, 'researcher_id' = any (p_clear))
    where p.id = v_id
    returning * into v_row;
    v_fields := array_remove(array[
        case when v_row.name is distinct from v_old.name then 'name' end,
        case when v_row.career_stage is distinct from v_old.career_stage then 'career_stage' end,
        case when v_row.birth_cohort is distinct from v_old.birth_cohort then 'birth_cohort' end,
        case when v_row.researcher_id is distinct from v_old.researcher_id then 'researcher_id' end], null);
    if v_fields = '{}' and coalesce(p_refused, '{}') = '{}' then
        perform core.fail('invalid_params', 'nothing would be corrected', 'name', 'another value for a field, or in refused the fields that stay as they are');
    end if;
    insert into core.correction (person_id, outcome, fields, reason, principal_id)
    select v_id, x.outcome, x.fields, p_reason, p_caller
    from (values ('corrected', v_fields), ('refused', coalesce(p_refused, '{}'))) as x (outcome, fields)
    where x.fields <> '{}';
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.subject_correct is 'subject.correct';

create function api.subject_restrict(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_reason text, p_lift boolean) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.person;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.person p where p.id = api.person_ref(p_ref, 'ref');
    perform derive.subject_check(v_row.id);
    select * into v_row from core.person p where p.id = v_row.id for no key update;
    if coalesce(p_lift, false) then
        update core.restriction r set lifted_at = now() where r.person_id = v_row.id and r.lifted_at is null;
        if not found then
            perform core.fail('invalid_transition', 'the record is not restricted', 'lift', 'false');
        end if;
    else
        insert into core.restriction (person_id, reason, principal_id) values (v_row.id, p_reason, p_caller);
    end if;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.code, v_row.version);
end
$$;
comment on function api.subject_restrict is 'subject.restrict';

create function api.subject_erase(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_ref text, p_confirm text, p_cause text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.person;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    select * into v_row from core.person p where p.id = api.person_ref(p_ref, 'ref');
    perform derive.subject_check(v_row.id);
    if p_confirm <> v_row.code then
        perform core.fail('invalid_params', 'an erasure cannot be taken back, so the code of the record has to be repeated', 'confirm',
            'the code of the same person');
    end if;
    perform derive.lock_sessions(array[v_row.id]);
    -- The receipt names what stays: the reference by which the log goes on knowing nobody in particular.
    return core.write_end(p_caller, p_once_key, p_once_digest, derive.erase_person(v_row.id, coalesce(p_cause, 'request')), null, v_row.version);
end
$$;
comment on function api.subject_erase is 'subject.erase';

-- Retention ---------------------------------------------------------------------------------------

create function api.retention_list(p_caller uuid, p_lang text) returns json
language plpgsql stable security definer as $$
declare
    v_role text := core.read_begin(p_caller);
begin
    return json_build_object('items', (
        select coalesce(json_agg(json_build_object('noun', r.noun, 'months', r.months, 'counted_from', r.counted_from,
            'source', r.source, 'version', r.version, 'updated_at', r.updated_at) order by r.noun), '[]'::json)
        from core.retention r));
end
$$;
comment on function api.retention_list is 'retention.list';

create function api.retention_set(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_noun text, p_months bigint, p_source text) returns json
language plpgsql security definer as $$
declare
    v_receipt json := core.write_begin(p_caller, p_once_key, p_once_digest);
    v_row core.retention;
begin
    if v_receipt is not null then
        return v_receipt;
    end if;
    perform api.office_check();
    insert into core.retention as r (noun, months, counted_from, source)
    values (p_noun, p_months, case p_noun when 'person' then 'the end of the last affiliation, exchange and session'
            when 'enrollment' then 'its withdrawal or failure' when 'consent' then 'its withdrawal or its end'
            when 'access_read' then 'the reading' when 'event' then 'the sealing of its batch' else 'the disclosure' end, p_source)
    on conflict (noun) do update set months = excluded.months, source = coalesce(excluded.source, r.source)
    returning * into v_row;
    return core.write_end(p_caller, p_once_key, p_once_digest, v_row.id, v_row.noun, v_row.version);
end
$$;
comment on function api.retention_set is 'retention.set';

create function api.retention_sweep(p_caller uuid, p_once_key uuid, p_once_digest bytea,
    p_dry_run boolean, p_limit bigint) returns json
language plpgsql security definer as $$
-- The key is not kept: a sweep that is repeated finds nothing more to remove.
declare
    v_receipt json := core.write_begin(p_caller, null, null);
    v_swept json := derive.retention_sweep(coalesce(p_dry_run, true), coalesce(p_limit, 100));
    v_events json := derive.event_retire(coalesce(p_dry_run, true), coalesce(p_limit, 100));
begin
    if v_events is null then
        return v_swept;
    end if;
    return jsonb_set(v_swept::jsonb, '{items}', v_swept::jsonb -> 'items' || jsonb_build_array(v_events))::json;
end
$$;
comment on function api.retention_sweep is 'retention.sweep';

-- The background ----------------------------------------------------------------------------------

create function api.scrub() returns json
language plpgsql security definer as $$
begin
    return core.scrub();
end
$$;
comment on function api.scrub() is
    'The background pass: clears a table of the dead rows of erased people; returns whether it did, and how many tables are left';
