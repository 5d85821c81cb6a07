-- SPDX-License-Identifier: Apache-2.0
--
-- Bulk import and export. Which tables there are, their columns and their order come from the catalogue; what does not go
-- along is decided here, with the reason. The functions run as jinzai_bulk, on a connection and in a transaction that the
-- daemon holds for one stream: its temporary tables and cursors are what a stream remembers.
--
-- A row travels as one line of JSON, with its values as PostgreSQL writes them, or as a line of CSV where every value is
-- a single one. Lines come in the order of the primary key, and those of a tree with what stands above before what
-- stands below, so that the same record gives the same bytes.

set local role jinzai_owner;
drop schema if exists bulk cascade;
create schema bulk;
comment on schema bulk is 'Bulk import and export: what the role jinzai_bulk may do';
grant usage on schema bulk to jinzai_bulk;

create function bulk.decisions() returns table (table_name text, goes boolean, reason text)
language sql immutable as $$
    values
        ('core.token', false, 'secrets of access: a copy of the record lets nobody in, new tokens are made where it goes'),
        ('core.once', false, 'receipts of calls made to this database, worth nothing elsewhere and gone after days'),
        ('core.setting', false, 'the secrets and settings of one database'),
        ('core.scrub_due', false, 'which of this database''s files hold dead rows'),
        ('derive.supply_residue', true, 'what erased people contributed cannot be derived from the record any more'),
        ('derive.release_cell', true, 'published figures are frozen and not computed again'),
        ('derive.release_age', true, 'published figures are frozen and not computed again'),
        ('derive.release_exchange', true, 'published figures are frozen and not computed again'),
        ('derive.release_role', true, 'published figures are frozen and not computed again'),
        ('derive.release_staffing', true, 'published figures are frozen and not computed again'),
        ('derive.release_outcome', true, 'published figures are frozen and not computed again'),
        ('derive.perturbation', true, 'the tables by which releases were perturbed belong to their rules')
$$;
comment on function bulk.decisions() is
    'Where a table departs from the rule that all of schema core goes along and nothing of derive, and why';

create function bulk.goes(p_table oid) returns boolean
language sql stable as $$
    select coalesce((select d.goes from bulk.decisions() d where d.table_name = n.nspname || '.' || c.relname), n.nspname = 'core')
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = p_table
$$;
comment on function bulk.goes(oid) is 'Whether a table is exported';

create function bulk.tables() returns table (place integer, name text, relation regclass, keys text[], parent text, flat boolean, columns text[])
language plpgsql stable as $$
declare
    v_left oid[];
    v_next oid;
begin
    place := 0;
    select array_agg(c.oid order by c.relname) into v_left
    from pg_catalog.pg_class c
    where c.relnamespace in ('core'::regnamespace, 'derive'::regnamespace) and c.relkind in ('r', 'p') and not c.relispartition
        and bulk.goes(c.oid);
    while cardinality(v_left) > 0 loop
        -- Next is the first by name that refers to none of those left. What is restricted is refused more rows on
        -- people, and so restrictions come last.
        select t.oid into v_next
        from unnest(v_left) as t (oid) join pg_catalog.pg_class c on c.oid = t.oid
        order by exists (select from pg_catalog.pg_constraint f
                where f.contype = 'f' and f.conrelid = t.oid and f.confrelid <> t.oid and f.confrelid = any (v_left)),
            c.oid = 'core.restriction'::regclass, c.relname
        limit 1;
        v_left := array_remove(v_left, v_next);
        place := place + 1;
        relation := v_next::regclass;
        select c.relname into name from pg_catalog.pg_class c where c.oid = v_next;
        select array_agg(a.attname::text order by k.at) into keys
        from pg_catalog.pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality as k (number, at)
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
        where i.indrelid = v_next and i.indisprimary;
        select min(a.attname) into parent
        from pg_catalog.pg_constraint f join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
        where f.contype = 'f' and f.conrelid = v_next and f.confrelid = v_next and cardinality(f.conkey) = 1 and keys = array['id'];
        select array_agg(a.attname::text order by a.attnum),
            bool_and(t.typcategory not in ('A', 'C') and t.typname not in ('json', 'jsonb')) into columns, flat
        from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
        where a.attrelid = v_next and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
        return next;
    end loop;
end
$$;
comment on function bulk.tables() is
    'The tables that are exported, in an order in which each comes after those that it refers to; parent is the column of a tree';

-- Rights -------------------------------------------------------------------------------------------

do $$
declare
    v_table record;
begin
    revoke all on all tables in schema core from jinzai_bulk;
    revoke all on all tables in schema derive from jinzai_bulk;
    grant execute on all functions in schema core to jinzai_bulk;
    grant usage, select, update on all sequences in schema core to jinzai_bulk;
    for v_table in select t.relation, c.relrowsecurity from bulk.tables() t join pg_catalog.pg_class c on c.oid = t.relation loop
        execute format('grant select, insert on %s to jinzai_bulk', v_table.relation);
        execute format('drop policy if exists bulk_read on %s', v_table.relation);
        execute format('drop policy if exists bulk_add on %s', v_table.relation);
        continue when not v_table.relrowsecurity;
        execute format('create policy bulk_read on %s for select to jinzai_bulk using ((select core.caller_role()) = ''admin'')', v_table.relation);
        execute format('create policy bulk_add on %s for insert to jinzai_bulk with check ((select core.caller_role()) = ''admin'')', v_table.relation);
    end loop;
end
$$;

-- Streams ------------------------------------------------------------------------------------------

create function bulk.enter(p_caller uuid) returns void
language plpgsql as $$
begin
    perform core.enter(p_caller);
    if core.caller_role() <> 'admin' then
        perform core.fail('denied', 'only administrators import and export');
    end if;
    create temporary table bulk_plan on commit drop as select * from bulk.tables();
    create temporary table bulk_stage (line bigint, text text) on commit drop;
end
$$;
comment on function bulk.enter(uuid) is 'Begins a stream: names its caller, an administrator, for its one transaction';

create function bulk.check(p_caller uuid) returns void
language plpgsql as $$
begin
    if core.caller_role() is null then
        perform core.enter(p_caller);
    end if;
    if core.caller_role() <> 'admin' then
        perform core.fail('denied', 'only administrators import and export');
    end if;
    if to_regclass('pg_temp.bulk_plan') is null then
        perform core.fail('not_found', 'there is no such stream', 'stream', 'what bulk.export or bulk.import answered');
    end if;
end
$$;
comment on function bulk.check(uuid) is 'For the calls of a stream: refuses whoever is not the administrator who began it';

create function bulk.numbers() returns table (name text, last_value bigint)
language sql stable as $$
    select s.sequencename::text, s.last_value
    from pg_catalog.pg_sequences s
    where s.schemaname = 'core' and s.last_value is not null and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.deptype = 'i' and d.objid = format('core.%I', s.sequencename)::regclass)
    order by s.sequencename
$$;
comment on function bulk.numbers() is
    'The sequences that numbered codes come from, where they have been used; those of identity columns follow from the rows';

create function bulk.note(p_caller uuid) returns json
language plpgsql as $$
declare
    v_at timestamptz := clock_timestamp();
begin
    perform core.enter(p_caller);
    insert into core.access_read (at, principal_id, method, form, people)
    select v_at, p_caller, 'bulk.export', 'personal', array_agg(x.log_reference)
    from (select p.log_reference, (row_number() over (order by p.id) - 1) / 1000 as page from core.person p) x
    group by x.page;
    perform set_config('bulk.noted_at', v_at::text, false);
    return json_build_object('at', v_at);
end
$$;
comment on function bulk.note(uuid) is
    'Before an export, in a transaction of its own: notes for each person that the record is read';

create function bulk.files(p_count boolean) returns json
language plpgsql as $$
declare
    v_table record;
    v_files json[];
    v_rows bigint;
begin
    for v_table in select * from pg_temp.bulk_plan p order by p.place loop
        if p_count then
            execute format('select count(*) from %s', v_table.relation) into v_rows;
        end if;
        v_files := v_files || json_build_object('name', v_table.name, 'flat', v_table.flat, 'columns', v_table.columns, 'rows', v_rows);
    end loop;
    return json_build_object('stream', current_setting('bulk.stream', true), 'schema_version', (select max(m.number) from jinzai_meta.migration m),
        'files', array_to_json(v_files || json_build_object('name', 'sequence', 'flat', true, 'columns', array['name', 'last_value'],
            'rows', (select count(*) from bulk.numbers()))));
end
$$;
comment on function bulk.files(boolean) is 'The files of an export or import, with their columns and, where it is asked, how many rows they hold';

create function bulk.export(p_caller uuid) returns json
language plpgsql as $$
begin
    perform bulk.enter(p_caller);
    return bulk.files(true);
end
$$;
comment on function bulk.export(uuid) is 'bulk.export: begins to read everything as it is at this moment';

create function bulk.csv(p_value text) returns text
language sql immutable parallel safe as $$
    select case when p_value is null then ''
        when p_value = '' or p_value ~ '[",\r\n]' then '"' || replace(p_value, '"', '""') || '"'
        else p_value end
$$;
comment on function bulk.csv(text) is 'A value as RFC 4180 writes it; nothing at all for an empty one, "" for a text without letters';

create function bulk.query(p_table pg_catalog.regclass, p_keys text[], p_parent text, p_columns text[], p_csv boolean) returns text
language plpgsql stable as $$
declare
    v_line text := 'row_to_json(x)::text';
    v_list text := (select string_agg(format('t.%I', c.name), ', ' order by c.at) from unnest(p_columns) with ordinality as c (name, at));
    v_keys text := (select string_agg(format('t.%I', k.name), ', ' order by k.at) from unnest(p_keys) with ordinality as k (name, at));
    v_where text := '';
begin
    if p_csv then
        v_line := 'concat_ws('','', ' || (select string_agg(format('bulk.csv(x.%I::text)', c.name), ', ' order by c.at)
            from unnest(p_columns) with ordinality as c (name, at)) || ')';
    end if;
    if p_table = 'core.access_read'::regclass then
        -- The note of this export itself came after what it exports.
        v_where := ' where not (t.method = ''bulk.export'' and t.at = nullif(current_setting(''bulk.noted_at'', true), '''')::timestamptz)';
    end if;
    if p_parent is not null then
        return format('with recursive depth (id, n) as (select t.id, 0 from %1$s t where t.%2$I is null '
            'union all select t.id, d.n + 1 from %1$s t join depth d on t.%2$I = d.id) '
            'select (select %3$s from (select %4$s) x) from %1$s t join depth d using (id) order by d.n, %5$s',
            p_table, p_parent, v_line, v_list, v_keys);
    end if;
    return format('select (select %s from (select %s) x) from %s t%s order by %s', v_line, v_list, p_table, v_where, v_keys);
end
$$;
comment on function bulk.query(regclass, text[], text, text[], boolean) is 'The statement that gives a table''s lines in their order';

create function bulk.read(p_caller uuid, p_stream uuid, p_file text, p_form text, p_bytes bigint) returns json
language plpgsql as $$
declare
    v_cursor refcursor := 'bulk ' || p_file;
    v_plan record;
    v_line text;
    v_lines text[] := '{}';
    v_bytes bigint := 0;
    v_done boolean := false;
begin
    perform bulk.check(p_caller);
    if p_file = 'sequence' then
        select array_agg(case p_form when 'csv' then bulk.csv(s.name) || ',' || s.last_value
            else row_to_json(s)::text end order by s.name) into v_lines
        from bulk.numbers() s;
        return json_build_object('rows', coalesce(cardinality(v_lines), 0), 'done', true,
            'text', coalesce(array_to_string(v_lines, E'\n') || E'\n', ''));
    end if;
    if not exists (select from pg_catalog.pg_cursors c where c.name = v_cursor::text) then
        select * into v_plan from pg_temp.bulk_plan p where p.name = p_file;
        if not found or v_plan.name is null then
            perform core.fail('not_found', format('there is no file %s in an export', p_file), 'file', 'a name that bulk.export answered');
        end if;
        if p_form = 'csv' and not v_plan.flat then
            perform core.fail('invalid_params', 'the file holds lists, for which CSV has no form', 'form', 'jsonl');
        end if;
        open v_cursor for execute bulk.query(v_plan.relation, v_plan.keys, v_plan.parent, v_plan.columns, p_form = 'csv');
    end if;
    while v_bytes < coalesce(p_bytes, 262144) loop
        fetch v_cursor into v_line;
        if not found then
            close v_cursor;
            v_done := true;
            exit;
        end if;
        v_lines := v_lines || v_line;
        v_bytes := v_bytes + octet_length(v_line) + 1;
    end loop;
    return json_build_object('rows', cardinality(v_lines), 'done', v_done,
        'text', coalesce(nullif(array_to_string(v_lines, E'\n') || E'\n', E'\n'), ''));
end
$$;
comment on function bulk.read(uuid, uuid, text, text, bigint) is 'bulk.read: the next lines of a file';

-- Importing ----------------------------------------------------------------------------------------

create function bulk.is_fresh() returns boolean
language plpgsql stable security definer as $$
begin
    -- What a new database has, nobody has entered: no event of it has a principal.
    return not exists (select from derive.event e where e.principal_id is not null)
        and not exists (select from core.person) and not exists (select from core.token);
end
$$;
comment on function bulk.is_fresh() is 'Whether the database holds nothing but what jinzai itself puts into a new one';

create function bulk.clear() returns void
language plpgsql security definer as $$
declare
    v_table record;
begin
    if not bulk.is_fresh() then
        perform core.fail('conflict', 'the database is not empty: a whole export only goes into a new one');
    end if;
    for v_table in select t.relation, t.name from bulk.tables() t where t.name <> 'principal' order by t.place desc loop
        execute format('delete from %s', v_table.relation);
    end loop;
end
$$;
comment on function bulk.clear() is
    'Removes what a new database came with, so that the imported reference data keeps its identifiers; refuses in any other database';

create function bulk.clear_principals(p_names text[]) returns void
language plpgsql security definer as $$
begin
    -- Nothing refers to them yet: clear() has seen to it in this transaction.
    if exists (select from core.person) or exists (select from core.token) then
        perform core.fail('conflict', 'the database is not empty: principals are only replaced in a new one');
    end if;
    delete from core.principal p where p.name = any (p_names);
end
$$;
comment on function bulk.clear_principals(text[]) is
    'Makes room for imported principals of the same names, before anything of people has come; those of other names stay';

create function bulk.import(p_caller uuid, p_whole boolean) returns json
language plpgsql as $$
begin
    perform bulk.enter(p_caller);
    if p_whole then
        p_whole := bulk.is_fresh();
    end if;
    if p_whole then
        perform bulk.clear();
    end if;
    perform set_config('bulk.replaces', coalesce(p_whole, false)::text, true);
    return jsonb_set(bulk.files(false)::jsonb, '{replaces}', to_jsonb(coalesce(p_whole, false)))::json;
end
$$;
comment on function bulk.import(uuid, boolean) is
    'bulk.import: begins an import; a whole one into a new database replaces what that came with';

create function bulk.write(p_caller uuid, p_stream uuid, p_text text) returns json
language plpgsql as $$
declare
    v_rows bigint;
begin
    perform bulk.check(p_caller);
    insert into pg_temp.bulk_stage (line, text)
    select split_part(x.line, E'\t', 1)::bigint, substr(x.line, strpos(x.line, E'\t') + 1)
    from string_to_table(p_text, E'\n') as x (line) where x.line <> '';
    get diagnostics v_rows = row_count;
    return json_build_object('rows', v_rows);
exception when invalid_text_representation then
    perform core.fail('invalid_params', 'the text is not made of numbered lines', 'text', 'a line number, a tab and one line of JSON, line by line');
end
$$;
comment on function bulk.write(uuid, uuid, text) is 'bulk.write: takes lines of one file in, to be loaded by bulk.load';

-- Of a row that was refused: which value, what was expected of it, and the sentence.
create function bulk.explain(p_table pg_catalog.regclass, p_text text, p_state text, p_constraint text, p_column text, p_message text, p_detail text)
returns json
language plpgsql as $$
declare
    v_parameter text := nullif(p_column, '');
    v_expected text;
    v_comment text;
    v_column record;
    v_row json;
begin
    if p_state like 'JZ%' then
        return json_build_object('parameter', p_detail::json ->> 'parameter', 'expected', p_detail::json ->> 'expected', 'reason', p_message);
    end if;
    if p_state like '22%' then
        begin
            v_row := p_text::json;
        exception when others then
            return json_build_object('reason', 'the line is no JSON', 'expected', 'one JSON object');
        end;
        if json_typeof(v_row) <> 'object' then
            return json_build_object('reason', 'the line is no JSON object', 'expected', 'one JSON object');
        end if;
        for v_column in
            select a.attname, format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute a
            where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped and (v_row ->> a.attname) is not null
        loop
            begin
                execute format('select (json_populate_record(null::%s, json_build_object(%L, $1 -> %L))).%I', p_table,
                    v_column.attname, v_column.attname, v_column.attname) using v_row;
            exception when data_exception then
                return json_build_object('parameter', v_column.attname, 'expected', 'a value of type ' || v_column.type,
                    'reason', 'the value cannot be understood');
            end;
        end loop;
        return json_build_object('reason', 'a value cannot be understood', 'expected', 'values as an export writes them');
    end if;
    if p_constraint <> '' then
        select coalesce(obj_description(c.oid, 'pg_constraint'), obj_description(c.conindid, 'pg_class')),
            (select string_agg(a.attname, ', ' order by k.at) from unnest(c.conkey) with ordinality as k (number, at)
             join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number)
            into v_comment, v_parameter
        from pg_catalog.pg_constraint c where c.conname = p_constraint and c.conrelid = p_table;
        if not found then
            select obj_description(i.oid, 'pg_class') into v_comment from pg_catalog.pg_class i
            join pg_catalog.pg_index x on x.indexrelid = i.oid where i.relname = p_constraint and x.indrelid = p_table;
        end if;
    end if;
    if v_comment is not null and strpos(v_comment, ': ') > 0 then
        v_parameter := split_part(v_comment, ': ', 1);
        v_expected := substr(v_comment, strpos(v_comment, ': ') + 2);
    end if;
    v_expected := coalesce(v_expected, case p_state when '23502' then 'must be given' when '23503' then 'must be of a record that exists'
        when '23505' then 'must not be taken by another record' when '23P01' then 'must not overlap another record''s'
        when '23514' then 'must keep to the rules of the record' else 'a row that an export of this version could hold' end);
    return json_build_object('parameter', v_parameter, 'expected', v_expected, 'reason', case p_state
        when '23502' then 'a value is missing' when '23503' then 'the row refers to a record that is not there'
        when '23505' then 'another record has the same key' when '23P01' then 'another record is in the way'
        when '23514' then 'the row does not keep to a rule' else 'the row cannot be taken in' end);
end
$$;
comment on function bulk.explain(regclass, text, text, text, text, text, text) is
    'Which value of a refused row was wrong and what was expected of it; never the value';

create function bulk.load_sequences() returns json
language plpgsql as $$
declare
    v_rows bigint;
begin
    -- Numbers of codes go on where they were, and never back.
    perform setval(format('core.%I', s.sequencename)::regclass, greatest((x.row ->> 'last_value')::bigint, coalesce(s.last_value, 0)))
    from (select b.text::json as row from pg_temp.bulk_stage b) x
    join pg_catalog.pg_sequences s on s.schemaname = 'core' and s.sequencename = x.row ->> 'name'
    where (x.row ->> 'last_value')::bigint > 0;
    get diagnostics v_rows = row_count;
    truncate pg_temp.bulk_stage;
    return json_build_object('rows', v_rows, 'present', 0, 'rejected', '[]'::json);
end
$$;
comment on function bulk.load_sequences() is 'Sets the sequences of numbered codes to where they were';

create function bulk.highest(p_table pg_catalog.regclass, p_column name) returns bigint
language plpgsql stable as $$
declare
    v_highest bigint;
begin
    execute format('select coalesce(max(%I), 1) from %s', p_column, p_table) into v_highest;
    return v_highest;
end
$$;
comment on function bulk.highest(regclass, name) is 'The highest number in a column';

create function bulk.load(p_caller uuid, p_stream uuid, p_file text, p_rejects bigint) returns json
language plpgsql as $$
declare
    v_plan record;
    v_replaces boolean := current_setting('bulk.replaces', true) = 'true';
    v_columns text;
    v_values text;
    v_insert text;
    v_keys text;
    v_filled boolean;
    v_rows bigint := 0;
    v_count bigint;
    v_present bigint := 0;
    v_rejected json[] := '{}';
    v_first bigint[];
    v_last bigint[];
    v_from bigint;
    v_to bigint;
    v_middle bigint;
    v_state text;
    v_constraint text;
    v_column text;
    v_message text;
    v_detail text;
    v_text text;
    v_name text;
begin
    perform bulk.check(p_caller);
    if p_file = 'sequence' then
        return bulk.load_sequences();
    end if;
    select * into v_plan from pg_temp.bulk_plan p where p.name = p_file;
    if v_plan.name is null then
        perform core.fail('not_found', format('there is no file %s in an import', p_file), 'file', 'a name that bulk.import answered');
    end if;
    select min(s.line), max(s.line) into v_from, v_to from pg_temp.bulk_stage s;
    if v_from is null then
        return json_build_object('rows', 0, 'present', 0, 'rejected', '[]'::json);
    end if;
    -- An identifier that a row leaves out follows from the row, so that a second import finds the row there already.
    select string_agg(format('%I', a.attname), ', ' order by a.attnum),
        string_agg(case when a.attname = 'id' and a.atttypid = 'uuid'::regtype
                then format('coalesce(r.id, md5(%L || s.line || s.text)::uuid)', p_file || ':')
            when a.attnotnull and d.adbin is not null then format('coalesce(r.%I, %s)', a.attname, pg_get_expr(d.adbin, d.adrelid))
            else format('r.%I', a.attname) end, ', ' order by a.attnum)
        into v_columns, v_values
    from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = v_plan.relation and a.attname = any (v_plan.columns) and a.attnum > 0 and not a.attisdropped;
    if v_replaces and p_file = 'principal' then
        v_name := (select p.name from core.principal p where p.id = core.caller_id());
        perform bulk.clear_principals(array(select s.text::json ->> 'name' from pg_temp.bulk_stage s));
    end if;
    execute format('select exists (select from %s)', v_plan.relation) into v_filled;
    if v_filled then
        v_keys := (select string_agg(format(case k.name when 'id' then 't.id = i.id' else 't.%1$I = r.%1$I' end, k.name), ' and ')
            from unnest(v_plan.keys) as k (name));
        begin
            -- Each by its key: of a temporary table the planner knows nothing, and would rather read all of a large one. The
            -- key is worked out before, since below row-level security only plain values go to an index.
            execute format('delete from pg_temp.bulk_stage s using (select s.line from pg_temp.bulk_stage s '
                'cross join lateral json_populate_record(null::%1$s, s.text::json) r '
                'cross join lateral (select %3$s as id offset 0) i '
                'cross join lateral (select to_jsonb(t) as kept from %1$s t where %2$s offset 0) t '
                'where t.kept @> jsonb_strip_nulls(to_jsonb(r))) x where s.line = x.line', v_plan.relation, v_keys,
                case when 'id' = any (v_plan.keys) then format('coalesce(r.id, md5(%L || s.line || s.text)::uuid)', p_file || ':') else 'null' end);
            get diagnostics v_present = row_count;
        exception when data_exception then
            null; -- the bad row is found below, where each is named
        end;
    end if;
    v_insert := format('insert into %1$s (%2$s) overriding system value select %3$s from pg_temp.bulk_stage s '
        'cross join lateral json_populate_record(null::%1$s, s.text::json) r where s.line between $1 and $2 order by s.line',
        v_plan.relation, v_columns, v_values);
    -- All rows in one statement, as the triggers like it best. Where it fails, halves of it, until the bad rows stand alone.
    v_first := array[v_from];
    v_last := array[v_to];
    while cardinality(v_first) > 0 and cardinality(v_rejected) < p_rejects loop
        v_from := v_first[cardinality(v_first)];
        v_to := v_last[cardinality(v_last)];
        v_first := v_first[:cardinality(v_first) - 1];
        v_last := v_last[:cardinality(v_last) - 1];
        begin
            execute v_insert using v_from, v_to;
            get diagnostics v_count = row_count;
            v_rows := v_rows + v_count;
        exception when others then
            get stacked diagnostics v_state = returned_sqlstate, v_constraint = constraint_name, v_column = column_name,
                v_message = message_text, v_detail = pg_exception_detail;
            if v_state !~ '^(22|23|JZ|P0|42501)' then
                raise;
            end if;
            if v_from = v_to then
                select s.text into v_text from pg_temp.bulk_stage s where s.line = v_from;
                v_rejected := v_rejected || jsonb_strip_nulls(jsonb_build_object('line', v_from) ||
                    bulk.explain(v_plan.relation, v_text, v_state, v_constraint, v_column, v_message, v_detail)::jsonb)::json;
            else
                v_middle := v_from + (v_to - v_from) / 2;
                v_first := v_first || (v_middle + 1) || v_from;
                v_last := v_last || v_to || v_middle;
            end if;
        end;
    end loop;
    if v_name is not null then
        -- The caller goes on as the imported principal of the same name.
        perform core.enter((select p.id from core.principal p where p.name = v_name));
    end if;
    -- What is numbered by the database goes on after the highest number.
    perform setval(pg_get_serial_sequence(v_plan.relation::text, a.attname), bulk.highest(v_plan.relation, a.attname))
    from pg_catalog.pg_attribute a
    where a.attrelid = v_plan.relation and a.attidentity <> '' and v_rows > 0;
    if p_file = 'supply_residue' then
        perform bulk.follow_residue(v_replaces);
    end if;
    truncate pg_temp.bulk_stage;
    return json_build_object('rows', v_rows, 'present', v_present, 'rejected', array_to_json(v_rejected),
        'unchecked', cardinality(v_first) > 0);
end
$$;
comment on function bulk.load(uuid, uuid, text, bigint) is
    'bulk.load: puts the lines that were taken in into their table; answers how many came, how many were there already, and each that was refused';

create function bulk.follow_residue(p_replaces boolean) returns void
language plpgsql security definer as $$
begin
    if not p_replaces then
        return;
    end if;
    insert into derive.supply_change (month, subject_id, level, evidence, organization_id, birth_cohort, heads, fte, keys)
    select date_trunc('month', r.month), r.subject_id, r.level, r.evidence, r.organization_id, r.birth_cohort, r.heads, r.fte, r.keys
    from derive.supply_residue r;
end
$$;
comment on function bulk.follow_residue(boolean) is 'After the residue of erased people came: supply holds it as it did';

create function bulk.commit(p_caller uuid, p_stream uuid) returns json
language plpgsql as $$
begin
    perform bulk.check(p_caller);
    return json_build_object('committed', true, 'replaced', current_setting('bulk.replaces', true) = 'true');
end
$$;
comment on function bulk.commit(uuid, uuid) is 'bulk.commit: the last word of an import, after which the daemon commits it';

revoke all on all functions in schema bulk from public;
grant execute on all functions in schema bulk to jinzai_bulk;
revoke execute on function bulk.clear_principals(text[]), bulk.clear() from public;
set local role jinzai_api;
