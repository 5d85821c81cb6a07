-- SPDX-License-Identifier: Apache-2.0
--
-- The card of a person: what person.get answers, made ready after the record changed instead of each time it is asked for.
--
-- A change takes the card away in its own transaction, so that none is ever older than the record; the background pass makes
-- the next one, and until it has, the answer is composed from the record. Both hold the lock of the person while they do so:
-- who makes a card has waited for every change before it, and every change after it finds the card.

create table derive.person_card (
    person_id uuid primary key constraint person_card_person references core.person on delete cascade,
    code text not null constraint person_card_code unique,
    made_on date not null,
    ends_on date,
    answer text not null
);
-- Packed, a card of ten holdings takes a fifth of a page; lz4 unpacks it in a fraction of the time that pglz takes.
do $$
begin
    alter table derive.person_card alter column answer set compression lz4;
exception when feature_not_supported then
    null; -- a server that was built without: its cards unpack a little slower
end
$$;
-- Statistics would keep values of people after their erasure; the planner does without.
alter table derive.person_card alter column code set statistics 0, alter column answer set statistics 0;
create index person_card_ends on derive.person_card (ends_on) where ends_on is not null;
comment on table derive.person_card is
    'What person.get answers of each person, in both languages; personal, and shown to whom the record itself would be shown';
comment on column derive.person_card.person_id is 'Who';
comment on column derive.person_card.code is 'By which code people quote the person';
comment on column derive.person_card.made_on is 'The first day for which it is right';
comment on column derive.person_card.ends_on is 'The first day for which it is not, since an affiliation or a level begins or ends by then; empty: none is known';
comment on column derive.person_card.answer is 'The answer, as it is sent';

create table derive.person_card_due (
    person_id uuid not null
);
comment on table derive.person_card_due is 'People whose card is to be made; one may be there more than once';
comment on column derive.person_card_due.person_id is 'Who';

-- Whoever sees what a person holds sees the card: the policy is that of core.holding.
alter table derive.person_card enable row level security;
alter table derive.person_card force row level security;
create policy derive_all on derive.person_card to jinzai_derive using (true) with check (true);
alter table derive.person_card_due enable row level security;
alter table derive.person_card_due force row level security;
create policy derive_all on derive.person_card_due to jinzai_derive using (true) with check (true);
create policy api_read on derive.person_card for select to jinzai_api using ((select core.caller_sees_all())
    or exists (select from derive.belonging b where b.person_id = person_card.person_id offset 0));
grant select on derive.person_card to jinzai_api;
grant select, insert, update, delete, truncate on derive.person_card, derive.person_card_due to jinzai_derive;

create function derive.person_card_forget(p_people uuid[]) returns void
language plpgsql as $$
begin
    if cardinality(p_people) > 0 then
        perform derive.lock_people(p_people);
        delete from derive.person_card c where c.person_id = any (p_people);
        insert into derive.person_card_due (person_id) select unnest(p_people);
    end if;
end
$$;
comment on function derive.person_card_forget(uuid[]) is 'Takes away the cards of people whose record changes, and leaves it to the background pass to make others';

create function derive.follow_card() returns trigger
language plpgsql security definer as $$
declare
    v_people uuid[];
begin
    if tg_table_name = 'person' then
        -- A person shows whom they were merged with.
        v_people := array(select n.id from after n union select n.merged_into_id from after n where n.merged_into_id is not null);
    elsif tg_op = 'INSERT' then
        v_people := array(select distinct n.person_id from after n);
    elsif tg_op = 'DELETE' then
        v_people := array(select distinct o.person_id from before o);
    else
        v_people := array(select n.person_id from after n union select o.person_id from before o);
    end if;
    perform derive.person_card_forget(v_people);
    return null;
end
$$;
comment on function derive.follow_card() is 'After people, affiliations, holdings or certifications changed: the cards of their people go';

create function derive.follow_card_name() returns trigger
language plpgsql security definer as $$
declare
    v_changed uuid[] := array(
        select n.id from after n join before o on o.id = n.id
        where (n.code::text, n.name_en, n.name_ja) is distinct from (o.code::text, o.name_en, o.name_ja));
begin
    if v_changed = '{}' then
        return null;
    end if;
    -- Nobody makes a card with the name as it was: who does so holds this lock too, shared with others.
    perform pg_advisory_xact_lock(hashtextextended('jinzai card names', 0));
    with gone as (
        delete from derive.person_card c
        where case tg_table_name
            when 'skill' then exists (select from core.holding h where h.person_id = c.person_id and h.skill_id = any (v_changed))
                or exists (select from derive.timeline t where t.person_id = c.person_id and t.skill_id = any (v_changed))
            when 'organization' then exists (select from core.affiliation a where a.person_id = c.person_id and a.organization_id = any (v_changed))
            else exists (select from core.person_qualification q where q.person_id = c.person_id and q.qualification_id = any (v_changed)) end
        returning c.person_id
    )
    insert into derive.person_card_due (person_id) select g.person_id from gone g;
    return null;
end
$$;
comment on function derive.follow_card_name() is
    'After skills, organizations or qualifications got another code or name: the cards that show it go';

do $$
declare
    v_table text;
begin
    foreach v_table in array array['affiliation', 'holding', 'person_qualification', 'person'] loop
        execute format('create trigger follow_card_insert after insert on core.%I referencing new table as after '
            'for each statement execute function derive.follow_card()', v_table);
        execute format('create trigger follow_card_update after update on core.%I referencing old table as before new table as after '
            'for each statement execute function derive.follow_card()', v_table);
        -- The card of a person who is deleted goes with them.
        continue when v_table = 'person';
        execute format('create trigger follow_card_delete after delete on core.%I referencing old table as before '
            'for each statement execute function derive.follow_card()', v_table);
    end loop;
    foreach v_table in array array['skill', 'organization', 'qualification'] loop
        execute format('create trigger follow_card_name after update on core.%I referencing old table as before new table as after '
            'for each statement execute function derive.follow_card_name()', v_table);
    end loop;
end
$$;

create function derive.person_card_make(p_limit bigint, out made bigint, out remaining bigint)
language plpgsql security definer set timezone = 'UTC' as $$
declare
    v_due uuid[];
    v_people uuid[];
begin
    -- Those whose day has come are due again.
    with ended as (
        delete from derive.person_card c
        where c.person_id in (select x.person_id from derive.person_card x where x.ends_on <= current_date limit p_limit for update skip locked)
        returning c.person_id
    )
    insert into derive.person_card_due (person_id) select e.person_id from ended e;
    with taken as (
        delete from derive.person_card_due d
        where d.ctid = any (array(select x.ctid from derive.person_card_due x limit p_limit for update skip locked))
        returning d.person_id
    )
    select array_agg(distinct t.person_id) into v_due from taken t;
    made := 0;
    remaining := 0;
    if v_due is null then
        return;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended('jinzai card names', 0));
    -- Whom somebody is changing is made when they have done so: that is due then anyway.
    v_people := array(select p.id from core.person p where p.id = any (v_due) order by p.id for no key update skip locked);
    insert into derive.person_card_due (person_id)
    select p.id from core.person p where p.id = any (v_due) and p.id <> all (v_people) and p.merged_into_id is null;
    insert into derive.person_card as c (person_id, code, made_on, ends_on, answer)
    select p.id, p.code, current_date, (
            select min(d.day) from (
                select unnest(array[lower(a.valid), upper(a.valid)]) from core.affiliation a where a.person_id = p.id
                union all
                select unnest(array[lower(t.days), upper(t.days)]) from derive.timeline t where t.person_id = p.id) as d (day)
            where d.day > current_date),
        t.answer
    from core.person p
    cross join lateral api.person_text(p.id, current_date, null) t
    where p.id = any (v_people) and p.merged_into_id is null
    on conflict (person_id) do update set code = excluded.code, made_on = excluded.made_on, ends_on = excluded.ends_on, answer = excluded.answer;
    made := cardinality(v_people);
    remaining := (select count(*) from (select from derive.person_card_due limit p_limit) x);
end
$$;
comment on function derive.person_card_make(bigint) is
    'Makes the cards of at most so many people who are due; returns of how many, and how many are left (counted up to the limit). Several may run at once';

create function derive.person_card_form(p_form text) returns void
language plpgsql security definer as $$
begin
    if p_form is distinct from (select s.value from core.setting s where s.name = 'person_card_form') then
        truncate derive.person_card, derive.person_card_due;
        insert into derive.person_card_due (person_id) select p.id from core.person p where p.merged_into_id is null;
        insert into core.setting (name, value) values ('person_card_form', p_form)
        on conflict (name) do update set value = excluded.value;
    end if;
end
$$;
comment on function derive.person_card_form(text) is
    'Says by what text cards are made. Where that is another than before, all of them are to be made anew';

grant select, insert, update on core.setting to jinzai_derive;
do $$
declare
    v_function text;
begin
    foreach v_function in array array['follow_card()', 'follow_card_name()', 'person_card_make(bigint)', 'person_card_form(text)'] loop
        execute format('alter function derive.%s owner to jinzai_derive', v_function);
    end loop;
end
$$;
revoke execute on function derive.person_card_make(bigint), derive.person_card_form(text) from public;
grant execute on function derive.person_card_make(bigint), derive.person_card_form(text) to jinzai_api;

-- An erased person's card goes with the first change of their record; what is left of it on the pages is cleared like the rest.
do $$
declare
    v_text text := pg_get_functiondef('derive.erase_person(uuid, text)'::regprocedure);
    v_new text := replace(v_text, '(''core.correction'')', '(''core.correction''), (''derive.person_card'')');
begin
    if v_new = v_text then
        raise exception 'derive.erase_person is not written as this migration knows it';
    end if;
    execute v_new;
end
$$;

-- Reads of one caller may share a transaction, also those that write down that they were made. Where one of them discloses
-- across a border, all of it is on disk before any answer, whatever another has said before or says after.
do $$
declare
    v_text text := pg_get_functiondef('derive.people_gate_many(uuid[], text, text, text)'::regprocedure);
    v_new text := replace(v_text, '    if v_disclosed is null then
        perform set_config(''synchronous_commit'', ''off'', true);
    end if;', '    if v_disclosed is not null then
        set local synchronous_commit to default;
        perform set_config(''jinzai.disclosed'', ''on'', true);
    elsif current_setting(''jinzai.disclosed'', true) is distinct from ''on'' then
        perform set_config(''synchronous_commit'', ''off'', true);
    end if;');
begin
    if v_new = v_text then
        raise exception 'derive.people_gate_many is not written as this migration knows it';
    end if;
    execute v_new;
end
$$;

create or replace function core.read_begin(p_caller uuid) returns text
language plpgsql as $$
declare
    v_caller text;
    v_local boolean;
begin
    -- Of several reads that share a transaction the first has said who calls.
    if p_caller is null or split_part(current_setting('jinzai.caller', true), '|', 1) is distinct from p_caller::text then
        select p.id || '|' || p.role || '|' || coalesce(p.organization_id::text, '-') || '|' || coalesce(p.country, o.country, '-'),
            p.kind in ('local_user', 'local_group')
            into v_caller, v_local
        from core.principal p
        left join core.organization o on o.id = p.organization_id
        where p.id = p_caller and p.disabled_at is null;
        if v_caller is null then
            perform core.fail('unauthenticated', 'the caller is not known');
        end if;
        perform set_config('jinzai.caller', v_caller, true), set_config('jinzai.local', case when v_local then p_caller::text else '' end, true);
    end if;
    return split_part(current_setting('jinzai.caller'), '|', 2);
end
$$;

create or replace function derive.people_gate(p_people uuid[], p_form text, p_purpose text, p_method text) returns uuid[]
language plpgsql security definer as $$
declare
    -- principal, role, organization, country
    v_caller text[] := string_to_array(current_setting('jinzai.caller', true), '|');
    v_person constant uuid := p_people[1];
    v_logged integer := 0;
begin
    -- Asked for most is one person by somebody of the same country, or by a user of the machine. This way in decides
    -- nothing but that: whatever is not plainly so takes the long one.
    if p_form is distinct from 'pseudonymous' and cardinality(p_people) = 1 and cardinality(v_caller) = 4 then
        -- Reads are on disk within a second, and do not wait for it.
        if current_setting('jinzai.disclosed', true) is distinct from 'on' then
            perform set_config('synchronous_commit', 'off', true);
        end if;
        if v_caller[3] = '-' and v_caller[4] = '-' then
            -- What a user of the machine on which the data is kept reads stays there.
            if current_setting('jinzai.local', true) = v_caller[1] then
                insert into core.access_read (principal_id, method, purpose, form, people)
                select v_caller[1]::uuid, p_method, p_purpose, 'personal', array[p.log_reference]
                from core.person p
                where p.id = v_person and not exists (select from core.restriction r where r.person_id = v_person and r.lifted_at is null);
                get diagnostics v_logged = row_count;
            end if;
        else
            insert into core.access_read (principal_id, method, purpose, form, people)
            select v_caller[1]::uuid, p_method, p_purpose, 'personal', array[p.log_reference]
            from core.person p
            where p.id = v_person and not exists (select from core.restriction r where r.person_id = v_person and r.lifted_at is null)
                and v_caller[4] = (
                    select case when h.id is null then (select k.country from core.organization k where k.id = p.keeper_id) else h.country end
                    from (values (v_person)) as x (person_id)
                    left join lateral (
                        select o.id, o.country
                        from core.affiliation a join core.organization o on o.id = a.organization_id
                        where a.person_id = x.person_id and a.valid @> current_date
                        order by a.fte desc, lower(a.valid), a.id limit 1) h on true);
            get diagnostics v_logged = row_count;
        end if;
        if v_logged = 1 then
            return p_people;
        end if;
    end if;
    return derive.people_gate_many(p_people, p_form, p_purpose, p_method);
end
$$;
