-- SPDX-License-Identifier: Apache-2.0
--
-- What is asked for most, made ready when it changes instead of when it is asked for; and shorter ways between a call and
-- the record.

-- The finished answer of skill.get ---------------------------------------------------------------------

create table derive.skill_answer (
    ref text not null,
    lang text not null,
    skill_id uuid not null constraint skill_answer_skill references core.skill on delete cascade,
    answer json not null,
    primary key (ref, lang)
);
-- As it is read, so that reading neither joins nor unpacks anything.
alter table derive.skill_answer alter column answer set storage external;
alter table derive.skill_answer set (toast_tuple_target = 8160, fillfactor = 80);
create index skill_answer_skill on derive.skill_answer (skill_id);
comment on table derive.skill_answer is
    'What skill.get answers, under the UUID and under the code of each skill and for each language; kept by triggers on skills, frameworks and mappings';
comment on column derive.skill_answer.ref is 'The UUID, in lower case, or the code';
comment on column derive.skill_answer.lang is 'en or ja; empty: both';
comment on column derive.skill_answer.skill_id is 'Which skill';
comment on column derive.skill_answer.answer is 'The answer, as it is sent';

create function derive.skill_answer_make(p_skills uuid[], p_lang text) returns table (skill_id uuid, answer json)
language plpgsql stable as $$
begin
    return query
    with recursive above (start_id, id, parent_id, kind) as (
        select s.id, s.id, s.parent_id, s.kind from core.skill s where s.id = any (p_skills) and s.kind = 'skill'
        union
        select a.start_id, s.id, s.parent_id, s.kind from above a join core.skill s on s.id = a.parent_id where a.kind <> 'category'
    )
    select s.id, json_build_object('id', s.id, 'code', s.code, 'name', core.label(s.name_en, s.name_ja, p_lang),
        'definition', core.label(s.definition_en, s.definition_ja, p_lang), 'kind', s.kind,
        'framework', json_build_object('id', f.id, 'code', f.code, 'name', core.label(f.name_en, f.name_ja, p_lang)),
        'category', case when g.id is not null then json_build_object('id', g.id, 'code', g.code,
            'name', core.label(g.name_en, g.name_ja, p_lang)) end,
        'parent', case when p.id is not null then json_build_object('id', p.id, 'code', p.code,
            'name', core.label(p.name_en, p.name_ja, p_lang)) end,
        'children', (select count(*) from core.skill c where c.parent_id = s.id),
        'pillars', s.pillars,
        'mappings', (
            select coalesce(json_agg(json_build_object('match', m.match, 'skill', json_build_object('id', o.id, 'code', o.code,
                'name', core.label(o.name_en, o.name_ja, p_lang)), 'framework', x.code, 'source', m.source) order by o.code), '[]'::json)
            from (select t.to_id as other_id, t.match, t.source from core.skill_mapping t where t.from_id = s.id
                  union all
                  -- Seen from the other end, broader is narrower.
                  select t.from_id, case t.match when 'broad' then 'narrow' when 'narrow' then 'broad' else t.match end, t.source
                  from core.skill_mapping t where t.to_id = s.id) m
            join core.skill o on o.id = m.other_id
            join core.framework x on x.id = o.framework_id),
        'retired', s.retired, 'note', s.note, 'source', s.source, 'unverified', s.unverified, 'synthetic', s.synthetic,
        'version', s.version, 'created_at', s.created_at, 'updated_at', s.updated_at)
    from core.skill s
    join core.framework f on f.id = s.framework_id
    left join core.skill p on p.id = s.parent_id
    left join above a on a.start_id = s.id and a.kind = 'category'
    left join core.skill g on g.id = a.id
    where s.id = any (p_skills);
end
$$;
comment on function derive.skill_answer_make(uuid[], text) is 'What skill.get answers for these skills in a language, from the record';

create function derive.skill_answers_write(p_skills uuid[]) returns void
language plpgsql set timezone = 'UTC' as $$
begin
    -- A code may have changed: what stood under the old one goes.
    delete from derive.skill_answer a using core.skill s
    where a.skill_id = any (p_skills) and s.id = a.skill_id and a.ref not in (s.id::text, s.code::text);
    insert into derive.skill_answer as a (ref, lang, skill_id, answer)
    select r.ref, l.lang, m.skill_id, m.answer
    from unnest(array['', 'en', 'ja']) as l (lang)
    cross join lateral derive.skill_answer_make(p_skills, nullif(l.lang, '')) m
    join core.skill s on s.id = m.skill_id
    cross join lateral (values (s.id::text), (s.code::text)) as r (ref)
    on conflict (ref, lang) do update set skill_id = excluded.skill_id, answer = excluded.answer
        where a.answer::text <> excluded.answer::text;
end
$$;
comment on function derive.skill_answers_write(uuid[]) is 'Writes the answers for these skills anew';

-- Writers of skills, frameworks and mappings take the lock of the tree before they change anything, so that what one of
-- them makes ready shows what the one before it changed.
create function derive.lock_tree() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('jinzai skill tree', 0));
    return null;
end
$$;
comment on function derive.lock_tree() is 'Before skills, frameworks or mappings change: one writer at a time';

create function derive.follow_answer() returns trigger
language plpgsql security definer as $$
declare
    v_skills uuid[];
begin
    if tg_table_name = 'framework' then
        v_skills := array(select s.id from after n join core.skill s on s.framework_id = n.id);
    elsif tg_table_name = 'skill_mapping' then
        if tg_op = 'INSERT' then
            v_skills := array(select n.from_id from after n union select n.to_id from after n);
        elsif tg_op = 'DELETE' then
            v_skills := array(select o.from_id from before o union select o.to_id from before o);
        else
            v_skills := array(select n.from_id from after n union select n.to_id from after n
                union select o.from_id from before o union select o.to_id from before o);
        end if;
        perform derive.skill_answers_write(v_skills);
        return null;
    elsif tg_op = 'INSERT' then
        v_skills := array(select n.id from after n union select n.parent_id from after n where n.parent_id is not null);
        perform derive.skill_answers_write(v_skills);
        return null;
    elsif tg_op = 'DELETE' then
        v_skills := array(select o.parent_id from before o where o.parent_id is not null);
        perform derive.skill_answers_write(v_skills);
        return null;
    else
        -- Those below show their parent and their category.
        v_skills := array(
            with recursive below (id) as (
                select n.id from after n
                union
                select s.id from below b join core.skill s on s.parent_id = b.id
            )
            select b.id from below b
            union select n.parent_id from after n where n.parent_id is not null
            union select o.parent_id from before o where o.parent_id is not null);
    end if;
    perform derive.skill_answers_write(array(
        select unnest(v_skills)
        union select m.to_id from core.skill_mapping m where m.from_id = any (v_skills)
        union select m.from_id from core.skill_mapping m where m.to_id = any (v_skills)));
    return null;
end
$$;
comment on function derive.follow_answer() is 'After skills, frameworks or mappings changed: follows with the answers of skill.get';
alter function derive.follow_answer() owner to jinzai_derive;

-- By their names they come after follow_update, which refuses circles.
do $$
declare
    v_table text;
begin
    foreach v_table in array array['skill', 'framework', 'skill_mapping'] loop
        execute format('create trigger ready_lock before insert or update or delete on core.%I '
            'for each statement execute function derive.lock_tree()', v_table);
        execute format('create trigger ready_update after update on core.%I referencing old table as before new table as after '
            'for each statement execute function derive.follow_answer()', v_table);
        continue when v_table = 'framework';
        execute format('create trigger ready_insert after insert on core.%I referencing new table as after '
            'for each statement execute function derive.follow_answer()', v_table);
        execute format('create trigger ready_delete after delete on core.%I referencing old table as before '
            'for each statement execute function derive.follow_answer()', v_table);
    end loop;
end
$$;
select derive.skill_answers_write(array(select s.id from core.skill s));

-- Reading people ---------------------------------------------------------------------------------------

create or replace function core.enter(p_caller uuid) returns void
language plpgsql as $$
begin
    if set_config('jinzai.caller', (
        select p.id || '|' || p.role || '|' || coalesce(p.organization_id::text, '-') || '|' || coalesce(p.country, (
            select o.country from core.organization o where o.id = p.organization_id), '-')
        from core.principal p where p.id = p_caller and p.disabled_at is null), true) = '' then
        perform core.fail('unauthenticated', 'the caller is not known');
    end if;
end
$$;

create or replace function core.read_begin(p_caller uuid) returns text
language plpgsql as $$
begin
    if set_config('jinzai.caller', (
        select p.id || '|' || p.role || '|' || coalesce(p.organization_id::text, '-') || '|' || coalesce(p.country, (
            select o.country from core.organization o where o.id = p.organization_id), '-')
        from core.principal p where p.id = p_caller and p.disabled_at is null), true) = '' then
        perform core.fail('unauthenticated', 'the caller is not known');
    end if;
    return split_part(current_setting('jinzai.caller'), '|', 2);
end
$$;

alter function derive.people_gate(uuid[], text, text, text) rename to people_gate_many;
comment on function derive.people_gate_many(uuid[], text, text, text) is
    'derive.people_gate for any number of people, and for one whose data may be about to cross a border';

create function derive.people_gate(p_people uuid[], p_form text, p_purpose text, p_method text) returns uuid[]
language plpgsql security definer as $$
declare
    -- principal, role, organization, country
    v_caller text[] := string_to_array(current_setting('jinzai.caller', true), '|');
    v_person constant uuid := p_people[1];
    v_log uuid;
    v_keeper uuid;
    v_country text;
    v_home uuid;
begin
    -- Asked for most is one person by somebody of the same country, or by a user of the machine. This way in decides
    -- nothing but that: whatever is not plainly so takes the long one.
    if cardinality(p_people) = 1 and p_form is distinct from 'pseudonymous' and cardinality(v_caller) = 4 then
        select p.log_reference, p.keeper_id into v_log, v_keeper
        from core.person p
        where p.id = v_person and not exists (select from core.restriction r where r.person_id = v_person and r.lifted_at is null);
        if v_log is null then
            return derive.people_gate_many(p_people, p_form, p_purpose, p_method);
        end if;
        if v_caller[3] = '-' and v_caller[4] = '-' then
            -- A user of the machine on which the data is kept: what they read stays there.
            if not exists (select from core.principal c where c.id = v_caller[1]::uuid and c.kind in ('local_user', 'local_group')) then
                return derive.people_gate_many(p_people, p_form, p_purpose, p_method);
            end if;
        else
            select o.id, o.country into v_home, v_country
            from core.affiliation a join core.organization o on o.id = a.organization_id
            where a.person_id = v_person and a.valid @> current_date
            order by a.fte desc, lower(a.valid), a.id limit 1;
            if v_home is null then
                select o.country into v_country from core.organization o where o.id = v_keeper;
            end if;
            if v_country is distinct from v_caller[4] then
                return derive.people_gate_many(p_people, p_form, p_purpose, p_method);
            end if;
        end if;
        -- Reads are on disk within a second, and do not wait for it.
        perform set_config('synchronous_commit', 'off', true);
        insert into core.access_read (principal_id, method, purpose, form, people)
        values (v_caller[1]::uuid, p_method, p_purpose, 'personal', array[v_log]);
        return p_people;
    end if;
    return derive.people_gate_many(p_people, p_form, p_purpose, p_method);
end
$$;
alter function derive.people_gate(uuid[], text, text, text) owner to jinzai_derive;
revoke execute on function derive.people_gate_many(uuid[], text, text, text) from jinzai_api;
comment on function derive.people_gate(uuid[], text, text, text) is
    'Of these people, those whose personal form the caller may have for the purpose; writes who read whom, and each disclosure across a border. With form personal the call ends with consent_required unless it is all of them';

create function core.label_text(p_en text, p_ja text, p_lang text) returns text
language sql stable parallel safe as $$
    select case
        when p_en is null and p_ja is null then 'null'
        when p_lang is null then concat('{"en":' || to_json(p_en)::text, case when p_en is null then '{' when p_ja is not null then ',' end,
            '"ja":' || to_json(p_ja)::text, '}')
        when p_lang = 'ja' then to_json(coalesce(p_ja, p_en || ' [en]'))::text
        else to_json(coalesce(p_en, p_ja || ' [ja]'))::text end
$$;
comment on function core.label_text(text, text, text) is 'What core.label answers, as text, for answers that are written as text';

-- Supply for a matrix -------------------------------------------------------------------------------------

create function derive.supply_shown(p_month date, p_grouping text, p_classes text[])
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    v_years derive.supply_years;
    v_opening integer;
begin
    select * into v_years from derive.supply_years;
    v_opening := least(extract(year from p_month)::integer, v_years.last_year);
    if v_opening < v_years.first_year then
        v_opening := null;
    end if;
    -- Who is at a level or above is summed from the highest level down; a level between two that nobody has exactly has
    -- the figures of the one above it.
    return query
    with x as (
        select o.group_key, o.subject_id, o.level, o.heads, o.fte
        from derive.supply_opening o
        where o.grouping = p_grouping and o.year = v_opening and o.evidence = any (p_classes)
        union all
        select r.group_key, r.subject_id, r.level, r.heads, r.fte
        from derive.supply_rollup r
        where r.grouping = p_grouping and r.month <= p_month and r.evidence = any (p_classes)
            and r.month >= coalesce(make_date(v_opening, 1, 1), '-infinity')
        union all
        select case p_grouping when 'country' then coalesce(g.country, 'international') else g.kind end,
            c.subject_id, c.level, c.heads, c.fte
        from derive.supply_change c join core.organization g on g.id = c.organization_id
        where c.month <= p_month and c.evidence = any (p_classes)
    ), exact as (
        select x.group_key, x.subject_id, x.level, sum(x.heads)::bigint as heads, sum(x.fte) as fte
        from x group by x.group_key, x.subject_id, x.level
        having sum(x.heads) <> 0 or sum(x.fte) <> 0
    ), above as (
        select e.group_key, e.subject_id, e.level, sum(e.heads) over w as heads, sum(e.fte) over w as fte,
            coalesce(lead(e.level) over w, 0) as below
        from exact e window w as (partition by e.subject_id, e.group_key order by e.level desc)
    )
    select a.group_key, a.subject_id, l.level, a.heads::bigint, a.fte
    from above a join (values (1::smallint), (2::smallint), (3::smallint), (4::smallint), (5::smallint)) as l (level)
        on l.level > a.below and l.level <= a.level;
end
$$;
comment on function derive.supply_shown(date, text, text[]) is
    'Supply as of a month by country or kind at each level or above, for publishing; derive.supply_reached says the same with record keys';
revoke execute on function derive.supply_shown(date, text, text[]) from jinzai_api;

create or replace function derive.publish(p_month date, p_grouping text, p_declared boolean, p_release text)
returns table (group_key text, subject_id uuid, level smallint, heads bigint, fte numeric, live boolean)
language plpgsql stable security definer as $$
declare
    v_see derive.publication := derive.publication(p_month, p_release);
    v_classes text[] := case when p_declared then array['verified', 'declared'] else array['verified'] end;
begin
    if v_see.live then
        if p_grouping in ('country', 'kind') then
            return query
            select r.group_key, r.subject_id, r.level, r.heads, r.fte, true
            from derive.supply_shown(p_month, p_grouping, v_classes) r;
            return;
        end if;
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
