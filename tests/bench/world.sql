-- SPDX-License-Identifier: Apache-2.0
--
-- The small tables of the benchmark: 300 organizations of 10 countries, a framework of so many skills as bench.skills says,
-- 20 to a category, and demand for 10 years. Skills have numbers as codes, so that every load generator can ask for a random
-- one.

insert into core.organization (id, code, name_en, name_ja, kind, country, source, synthetic)
select format('01000000-0000-7000-8000-%s', lpad(n::text, 12, '0'))::uuid, format('BENCH-%s', lpad(n::text, 3, '0')),
    format('Organization %s', n), format('機関%s', n),
    (array['university', 'national_laboratory', 'company', 'company', 'agency'])[n % 5 + 1],
    (array['JP', 'US', 'JP', 'US', 'GB', 'FR', 'JP', 'US', 'DE', 'IT', 'JP', 'US', 'KR', 'CN', 'JP', 'US', 'CA', 'CH', 'JP', 'US'])[n % 20 + 1],
    'made up', true
from generate_series(1, 300) n;

insert into core.framework (code, name_en, name_ja, publisher, source, synthetic)
values ('BENCH', 'Skills made up for measuring', '計測用の架空スキル', 'nobody', 'made up', true);

insert into core.skill (code, framework_id, kind, name_en, name_ja, definition_en, definition_ja, pillars, source, synthetic)
select format('BENCH-C%s', lpad(n::text, 3, '0')), f.id, 'category', format('Category %s', n), format('分野%s', n),
    format('The skills of category %s', n), format('分野%sのスキル', n), '{}', 'made up', true
from core.framework f, generate_series(1, current_setting('bench.skills')::integer / 20) n where f.code = 'BENCH';

insert into core.skill (code, framework_id, parent_id, kind, name_en, name_ja, definition_en, definition_ja, pillars, source, synthetic)
select (100000 + n)::text, c.framework_id, c.id, 'skill', format('Skill number %s of the framework', n), format('枠組みのスキル%s番', n),
    format('What it takes to do the work of number %s, safely and by oneself', n), format('%s番の作業を安全に独力で行う力', n),
    case when n % 3 = 0 then array[p.first, p.second] else array[p.first] end, 'made up', true
from generate_series(1, current_setting('bench.skills')::integer) n
join core.skill c on c.code = format('BENCH-C%s', lpad(((n - 1) / 20 + 1)::text, 3, '0'))
cross join lateral (
    select (array['science', 'facilities', 'regulation', 'supply-chain', 'engagement', 'workforce'])[n % 6 + 1] as first,
        (array['science', 'facilities', 'regulation', 'supply-chain', 'engagement', 'workforce'])[(n + 1) % 6 + 1] as second) p;

-- Each organization states what it needs of 40 skills, from one year to the next, beginning where its own people are.
set session_replication_role = replica;
insert into core.demand (organization_id, skill_id, level, fte_low, fte, fte_high, year, source, source_date, synthetic)
select o.id, s.id, (o.n + k) % 5 + 1, (o.n + k) % 7 + 1, (o.n + k) % 7 + 2 + y % 3, (o.n + k) % 7 + 5 + y % 3, 2020 + y,
    'made up', '2025-10-01', true
from (select id, right(code, 3)::integer as n from core.organization where code like 'BENCH-%') o
cross join generate_series(0, 39) k
cross join (select current_setting('bench.skills')::integer as skills) w
join core.skill s on s.code = (100001 + ((o.n - 1) * 7 % (w.skills / 20) * 20 + k * 3) % w.skills)::text
cross join generate_series(0, 9) y;
reset session_replication_role;

create function bench_world() returns table (line text)
language sql stable as $$
    (select format('organization %s %s %s', o.id, coalesce(o.country, 'international'), o.kind)
     from core.organization o where o.code like 'BENCH-%' order by o.id)
    union all
    (select format('skill %s %s', s.id, string_agg(x.subject_id::text, ' '))
     from core.skill s join core.framework f on f.id = s.framework_id join derive.skill_subject x on x.skill_id = s.id
     where f.code = 'BENCH' and s.kind = 'skill' group by s.id, s.code order by s.code)
$$;
comment on function bench_world() is 'What the program that makes up the population must know';

-- What a plain upsert writes to, for comparison.
create table bench_upsert (
    person_id uuid not null,
    skill_id uuid not null,
    level smallint not null,
    valid daterange not null,
    evidence text not null,
    updated_at timestamptz not null default now(),
    primary key (person_id, skill_id)
);
comment on table bench_upsert is 'A bare table that is measured beside holding.create';

analyze;
