-- SPDX-License-Identifier: Apache-2.0
--
-- Search: what records are called, folded, with an index of grams.
--
-- Trigrams cannot find one or two Japanese characters, and operators on text are not leakproof, so that row-level security
-- forbids them an index. So names stand a second time in tables of their own, outside row-level security and readable by
-- their owner alone: derive.search_hits finds ids and ranks there, and whoever asked fetches the records through
-- row-level security. A rank depends on the record alone, so that what a caller may not see moves nothing that they see.
--
--   folding   NFKC, lower case, Latin without accents, hiragana as katakana, small kana as large, no prolonged marks, hyphens,
--             dots or apostrophes, no spaces between Japanese characters
--   grams     each character but Latin letters and digits, each two neighbours (the first of a word also with a blank before it), and of each
--             English word the word and its spellings with one letter left out, marked by ~. Two words that differ by one
--             letter, or by two neighbours that changed places, share one of these (the symmetric deletes of W. Garbe)

create function derive.search_fold(p_text text) returns text
language plpgsql immutable parallel safe as $$
begin
    return btrim(regexp_replace(regexp_replace(translate(
        -- What is not a mark of the Latin script, as the voicing of kana, is put together again.
        normalize(regexp_replace(lower(normalize(regexp_replace(p_text, E'[\\x01-\\x1f\\x7f-\\x9f]', ' ', 'g'), nfkd)), E'[\\u0300-\\u036f]', '', 'g'), nfkc),
        'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔ'
            'ァィゥェォッャュョヮヵヶ,;:()[]{}<>"/、。「」『』【】ー〜~-‐‑‒–—―−・･''’‘`.',
        'アアイイウウエエオオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモヤヤユユヨヨラリルレロワワヰヱヲンヴ'
            'アイウエオツヤユヨワカケ                     '),
        E'[ \\u00a0\\u1680\\u2000-\\u200f\\u2028-\\u202f\\u205f\\u2060\\u3000\\ufeff]+', ' ', 'g'),
        E'(?<=[\\u2e80-\\U000e007f]) (?=[\\u2e80-\\U000e007f])', '', 'g'));
end
$$;
comment on function derive.search_fold(text) is
    'The text as search compares it: without what people write now so, now otherwise; empty where nothing is left';

create function derive.search_words(p_folded text, p_text text) returns text[]
language plpgsql immutable parallel safe as $$
begin
    if p_folded !~ '[a-z]{4}' then
        return '{}';
    end if;
    -- Hyphens part words here, so that each half of high-temperature may be misspelt. A plural is taken for its singular.
    return array(
        select distinct regexp_replace(w.word, '(?<=[a-z]{3})s$', '')
        from regexp_split_to_table(case when p_text ~ '[-‐‑–—−]' then derive.search_fold(translate(p_text, '-‐‑–—−', '      '))
            else p_folded end, '[^a-z]+') as w (word)
        where length(w.word) between 4 and 30);
end
$$;
comment on function derive.search_words(text, text) is
    'The words of a text, folded and as it is written, that may be misspelt: 4 to 30 Latin letters, without the s of a plural';

create function derive.search_spellings(p_word text) returns text[]
language plpgsql immutable parallel safe as $$
begin
    return array(
        select distinct '~' || left(p_word, i - 1) || substr(p_word, i + 1) from generate_series(1, length(p_word) + 1) as i);
end
$$;
comment on function derive.search_spellings(text) is 'The word, and the word with one letter left out, each marked as such';

-- Its cost keeps the planner from working out the grams of a whole table, however small, instead of asking the index.
create function derive.search_grams(p_folded text, p_name text) returns text[]
language plpgsql immutable parallel safe cost 10000 as $$
declare
    v_characters text[] := string_to_array(' ' || p_folded, null);
begin
    return array(
        select x.a || x.b from unnest(v_characters, v_characters[2:]) as x (a, b) where x.b <> ' '
        union all
        select x.a from unnest(v_characters) as x (a) where strpos(' abcdefghijklmnopqrstuvwxyz0123456789', x.a) = 0
        union all
        -- As derive.search_spellings does, whose call for each word would cost more than its work.
        select '~' || left(w.word, i - 1) || substr(w.word, i + 1)
        from unnest(derive.search_words(p_folded, p_name)) as w (word), generate_series(1, length(w.word) + 1) as i);
end
$$;
comment on function derive.search_grams(text, text) is 'What the index keeps of a name: grams of the folded text, and spellings of its words';

create table derive.search_name (
    noun text not null,
    record_id uuid not null,
    place smallint not null,
    code text not null,
    field text not null constraint search_name_field
        check (field in ('code', 'name', 'abbreviation', 'alias', 'former', 'researcher_id')),
    former boolean not null default false,
    name text not null,
    folded text not null,
    primary key (noun, record_id, place)
) partition by list (noun);
comment on table derive.search_name is 'What records are called, and were called, as search finds it; outside row-level security, and read by its owner alone';
comment on column derive.search_name.noun is 'What kind of record';
comment on column derive.search_name.record_id is 'Which record';
comment on column derive.search_name.place is 'Which of its names';
comment on column derive.search_name.code is 'The record''s code, by which equals are ordered';
comment on column derive.search_name.field is 'What the name is: the code, a name, an abbreviation …';
comment on column derive.search_name.former is 'Whether it is not used any more';
comment on column derive.search_name.name is 'The name as it is written';
comment on column derive.search_name.folded is 'The name as search compares it';

revoke all on derive.search_name from jinzai_api;
-- Statistics would keep names after an erasure, and make the planner read the whole table for a frequent gram.
alter table derive.search_name alter column code set statistics 0, alter column name set statistics 0, alter column folded set statistics 0;
do $$
declare
    v_noun text;
begin
    foreach v_noun in array array['skill', 'organization', 'program', 'person', 'committee', 'agreement'] loop
        execute format('create table derive.search_%I partition of derive.search_name for values in (%L)', v_noun, v_noun);
        execute format('comment on table derive.search_%I is %L', v_noun, 'Names of records, as search finds them: ' || v_noun);
        execute format('alter table derive.search_%I alter column code set statistics 0, alter column name set statistics 0, '
            'alter column folded set statistics 0', v_noun);
        execute format('create index search_%1$s_grams on derive.search_%1$I using gin ((derive.search_grams(folded, name)) collate "C")', v_noun);
        execute format('alter index derive.search_%s_grams alter column 1 set statistics 0', v_noun);
        execute format('revoke all on derive.search_%I from jinzai_api', v_noun);
        execute format('alter table derive.search_%I owner to jinzai_derive', v_noun);
    end loop;
    alter table derive.search_name owner to jinzai_derive;
end
$$;

create function derive.search_write(p_noun text, p_ids uuid[]) returns void
language plpgsql as $$
begin
    delete from derive.search_name s where s.noun = p_noun and s.record_id = any (p_ids);
    if p_noun = 'skill' then
        insert into derive.search_name (noun, record_id, place, code, field, name, folded)
        select 'skill', k.id, x.place, k.code, x.field, x.name, derive.search_fold(x.name)
        from core.skill k cross join lateral (values (0, 'code', k.code::text), (1, 'name', k.name_en), (2, 'name', k.name_ja)) as x (place, field, name)
        where k.id = any (p_ids) and x.name is not null;
    elsif p_noun = 'program' then
        insert into derive.search_name (noun, record_id, place, code, field, name, folded)
        select 'program', k.id, x.place, k.code, x.field, x.name, derive.search_fold(x.name)
        from core.program k cross join lateral (values (0, 'code', k.code::text), (1, 'name', k.name_en), (2, 'name', k.name_ja)) as x (place, field, name)
        where k.id = any (p_ids) and x.name is not null;
    elsif p_noun = 'person' then
        insert into derive.search_name (noun, record_id, place, code, field, name, folded)
        select 'person', k.id, x.place, k.code, x.field, x.name, derive.search_fold(x.name)
        from core.person k cross join lateral (values (0, 'code', k.code::text), (1, 'name', k.name), (2, 'researcher_id', k.researcher_id)) as x (place, field, name)
        where k.id = any (p_ids) and x.name is not null;
    elsif p_noun = 'committee' then
        insert into derive.search_name (noun, record_id, place, code, field, name, folded)
        select 'committee', k.id, x.place, k.code, x.field, x.name, derive.search_fold(x.name)
        from core.committee k cross join lateral (values (0, 'code', k.code::text), (1, 'name', k.name_en), (2, 'name', k.name_ja),
            (3, 'abbreviation', k.abbreviation)) as x (place, field, name)
        where k.id = any (p_ids) and x.name is not null;
    elsif p_noun = 'agreement' then
        insert into derive.search_name (noun, record_id, place, code, field, name, folded)
        select 'agreement', k.id, x.place, k.code, x.field, x.name, derive.search_fold(x.name)
        from core.agreement k cross join lateral (values (0, 'code', k.code::text), (1, 'name', k.name_en), (2, 'name', k.name_ja),
            (3, 'abbreviation', k.abbreviation)) as x (place, field, name)
        where k.id = any (p_ids) and x.name is not null;
    else
        insert into derive.search_name (noun, record_id, place, code, field, former, name, folded)
        select 'organization', k.id, x.place, k.code, x.field, x.former, x.name, derive.search_fold(x.name)
        from core.organization k cross join lateral (
            values (-2, 'code', k.code::text, false), (-1, 'name', k.name_en, false), (0, 'name', k.name_ja, false)
            union all
            select n.place, n.kind, n.name, n.kind = 'former' or coalesce(upper(n.used) <= current_date, false)
            from core.organization_name n where n.organization_id = k.id) as x (place, field, name, former)
        where k.id = any (p_ids) and x.name is not null;
    end if;
end
$$;
comment on function derive.search_write(text, uuid[]) is 'Writes anew what these records are called';

create function derive.follow_search() returns trigger
language plpgsql security definer as $$
declare
    v_noun text := replace(tg_table_name, '_name', '');
    v_ids uuid[];
begin
    if tg_table_name = 'organization_name' then
        if tg_op = 'DELETE' then
            select array_agg(distinct o.organization_id) into v_ids from before o;
        else
            select array_agg(distinct n.organization_id) into v_ids from after n;
        end if;
    elsif tg_op = 'INSERT' then
        select array_agg(n.id) into v_ids from after n;
    elsif tg_op = 'DELETE' then
        select array_agg(o.id) into v_ids from before o;
    elsif tg_table_name = 'person' then
        select array_agg(n.id) into v_ids from after n join before o on o.id = n.id
        where (n.code, n.name, n.researcher_id) is distinct from (o.code, o.name, o.researcher_id);
    elsif tg_table_name in ('committee', 'agreement') then
        select array_agg(n.id) into v_ids from after n join before o on o.id = n.id
        where (n.code, n.name_en, n.name_ja, n.abbreviation) is distinct from (o.code, o.name_en, o.name_ja, o.abbreviation);
    else
        select array_agg(n.id) into v_ids from after n join before o on o.id = n.id
        where (n.code, n.name_en, n.name_ja) is distinct from (o.code, o.name_en, o.name_ja);
    end if;
    if v_ids is null then
        return null;
    end if;
    perform derive.search_write(v_noun, v_ids);
    if tg_table_name = 'person' and tg_op = 'DELETE' then
        -- Who was erased leaves dead rows here too.
        insert into core.scrub_due as d (table_name) values ('derive.search_person')
        on conflict (table_name) do update set since = excluded.since, transaction = excluded.transaction;
    end if;
    return null;
end
$$;
comment on function derive.follow_search() is 'After what records are called changed: follows in the table that search reads';

create function derive.search_hits(p_noun text, p_query text, p_organization uuid)
returns table (record_id uuid, rank smallint, code text, field text, how text, former boolean, name text, better boolean)
language plpgsql stable security definer rows 100 as $$
declare
    v_whole text := derive.search_fold(p_query);
    -- The words as they were typed: what folding joins may stand apart in the name.
    v_words text[] := array(
        select distinct f.word from regexp_split_to_table(p_query, E'[ \\u3000\\t\\n]+') as w (word),
            regexp_split_to_table(derive.search_fold(w.word), ' ') as f (word)
        where f.word <> '');
    v_grams text[] := array(
        -- A single Latin letter or digit begins a word; anything else may stand anywhere.
        select case when length(w.word) > 1 then x.a || x.b when w.word !~ '[a-z0-9]' then w.word else ' ' || w.word end
        from unnest(v_words) as w (word), lateral (select string_to_array(w.word, null) as c) as s,
            unnest(s.c, s.c[2:] || array['']) as x (a, b)
        where length(w.word) = 1 or x.b <> '');
    -- What may be misspelt, the longest first; a word with digits in it may not.
    v_typed text[] := (
        select array_agg(x.word order by length(x.word) desc, x.word)
        from (select distinct t.word
              from regexp_split_to_table(p_query, E'[ \\u3000\\t\\n]+') as w (word),
                  unnest(derive.search_words(derive.search_fold(w.word), w.word)) as t (word)
              where derive.search_fold(w.word) ~ '^[a-z ]+$') x);
    v_rest text[] := array(
        select f.word from unnest(v_words) as f (word) where f.word !~ '^[a-z]{4,}$');
    v_one text[];
    v_two text[];
    v_three text[];
begin
    if cardinality(v_typed) > 0 then
        v_one := derive.search_spellings(v_typed[1]);
        v_two := derive.search_spellings(coalesce(v_typed[2], v_typed[1]));
        v_three := derive.search_spellings(coalesce(v_typed[3], v_typed[1]));
    end if;
    return query
    with found as (
        select s.record_id, s.place, s.code, s.field, s.former, s.name,
            case when s.folded = v_whole then case s.field when 'code' then 0 else 1 end
                when starts_with(s.folded, v_whole) then 2
                when s.field in ('code', 'researcher_id') then null
                when strpos(' ' || s.folded, ' ' || v_whole) > 0 then 3
                when strpos(s.folded, v_whole) > 0 and v_whole !~ '^[a-z0-9]$' then 4
                when cardinality(v_words) > 1 and not exists (
                    select from unnest(v_words) as w (word)
                    where strpos(case when w.word ~ '^[a-z0-9]$' then ' ' || s.folded else s.folded end,
                        case when w.word ~ '^[a-z0-9]$' then ' ' || w.word else w.word end) = 0) then 5
                end as class
        from derive.search_name s
        where s.noun = p_noun and derive.search_grams(s.folded, s.name) collate "C" @> v_grams
        union all
        select s.record_id, s.place, s.code, s.field, s.former, s.name, 6
        from derive.search_name s
        where v_one is not null and s.noun = p_noun
            and derive.search_grams(s.folded, s.name) collate "C" && v_one
            and derive.search_grams(s.folded, s.name) collate "C" && v_two
            and derive.search_grams(s.folded, s.name) collate "C" && v_three
            and s.field not in ('code', 'researcher_id')
            and not exists (select from unnest(v_rest) as w (word) where strpos(s.folded, w.word) = 0)
            and (cardinality(v_typed) <= 3 or not exists (
                select from unnest(v_typed[4:]) as w (word)
                where not derive.search_grams(s.folded, s.name) && derive.search_spellings(w.word)))
    ), best as (
        select distinct on (f.record_id, f.field = 'code') f.record_id, (f.class * 2 + f.former::integer)::smallint as rank,
            f.code, f.field, f.class, f.former, f.name
        from found f
        where f.class is not null and (p_organization is null or exists (
            select from derive.belonging b where b.organization_id = p_organization and b.person_id = f.record_id))
        order by f.record_id, f.field = 'code', f.class, f.former, f.place
    ), weighed as (
        select b.*, min(b.rank) over (partition by b.record_id) < b.rank
            or b.field <> 'code' and count(*) over (partition by b.record_id, b.rank) > 1 as better
        from best b
    )
    select w.record_id, w.rank, w.code, w.field,
        (array['exact', 'exact', 'prefix', 'substring', 'substring', 'words', 'similar'])[w.class + 1], w.former, w.name, w.better
    from weighed w
    where p_noun = 'person' or not w.better;
end
$$;
comment on function derive.search_hits(text, text, uuid) is
    'The records of a noun that a query finds, each with its rank and the name that matched best; of people also their code, where a name matched better. To be fetched through row-level security before anything is said of them; an organization narrows it to that one''s people';

create function derive.person_open(p_person uuid, p_purpose text) returns boolean
language plpgsql stable security definer as $$
declare
    v_country text := core.caller_country();
    v_organization uuid := core.caller_organization();
begin
    return v_country is null and v_organization is null and exists (
            select from core.principal c where c.id = core.caller_id() and c.kind in ('local_user', 'local_group'))
        or exists (
            select from derive.people_home(array[p_person]) h
            where h.country = v_country or h.country is null and v_country is null and h.organization_id = v_organization
                or p_purpose is not null and v_country is not null and (exists (
                    select from core.legal_basis x
                    where x.recipient_country = v_country and x.purpose = p_purpose and x.valid @> current_date
                        and (x.recipient_id is null or x.recipient_id = v_organization)
                        and case x.scope when 'country' then x.from_country = h.country
                            when 'organization' then x.organization_id = h.organization_id
                            else x.person_id = h.person_id end)
                or exists (
                    select from core.consent x
                    where x.person_id = h.person_id and x.recipient_country = v_country and x.purpose = p_purpose
                        and x.withdrawn_on is null and x.given_on <= current_date and coalesce(x.ends_on, 'infinity') >= current_date
                        and (x.recipient_id is null or x.recipient_id = v_organization))));
end
$$;
comment on function derive.person_open(uuid, text) is
    'Whether derive.people_gate would show the caller the personal form of the person for the purpose; a name finds nobody else, for to be found by it is to be shown it';

-- Of a disclosure it is recorded which items went: a search shows those that a list does.
do $$
begin
    execute replace(pg_get_functiondef('derive.people_gate(uuid[], text, text, text)'::regprocedure),
        'case p_method when ''person.list'' then', 'case when p_method in (''person.list'', ''person.search'') then');
end
$$;

do $$
declare
    v_row record;
begin
    for v_row in select unnest(array['follow_search()', 'search_hits(text, text, uuid)', 'person_open(uuid, text)']) as name loop
        execute format('alter function derive.%s owner to jinzai_derive', v_row.name);
    end loop;
    for v_row in
        select unnest(array['skill', 'organization', 'program', 'person', 'committee', 'agreement', 'organization_name']) as name
    loop
        execute format('create trigger search_insert after insert on core.%I referencing new table as after '
            'for each statement execute function derive.follow_search()', v_row.name);
        execute format('create trigger search_update after update on core.%I referencing old table as before new table as after '
            'for each statement execute function derive.follow_search()', v_row.name);
        execute format('create trigger search_delete after delete on core.%I referencing old table as before '
            'for each statement execute function derive.follow_search()', v_row.name);
    end loop;
end
$$;

select derive.search_write('skill', array(select k.id from core.skill k)),
    derive.search_write('organization', array(select k.id from core.organization k)),
    derive.search_write('program', array(select k.id from core.program k)),
    derive.search_write('person', array(select k.id from core.person k)),
    derive.search_write('committee', array(select k.id from core.committee k)),
    derive.search_write('agreement', array(select k.id from core.agreement k));

-- What lacks a language is found without reading what does not.
do $$
declare
    v_noun text;
begin
    foreach v_noun in array array['agreement', 'committee', 'scheme', 'organization', 'facility', 'framework', 'skill', 'role',
        'qualification', 'program'] loop
        execute format('create index %1$s_untranslated on core.%1$I (code) where name_en is null or name_ja is null', v_noun);
    end loop;
end
$$;
