-- SPDX-License-Identifier: Apache-2.0
--
-- The exchange scheme of the Japan-US fusion cooperation as it is administered in Japan, by the pages of NIFS that its
-- source names. Its categories:
--   personal-exchange        一般交流計画              visits long and short, information, workshops
--   joint-planning           共同計画                  fusion technology, fusion physics
--   joint-institute          核融合理論共同研究組織    the Joint Institute for Fusion Theory
--   joint-research-project   共同プロジェクト          joint use of a facility in either country

--
-- Its calendar, each rule with the page that it stands on. That a change is to be decided before it takes effect is read
-- from the page, which names no number of days.

insert into core.scheme (
    code, name_en, name_ja, categories, plan_months_before, report_days_after, ends_by_month, year_kind,
    change_days_before, plan_source, change_source, report_source, end_source, committee_id, agreement_id, note, source
)
select 'jp-us-fusion', 'Japan-US fusion exchange program, Japanese side', '日米科学技術協力事業(核融合分野)',
    array['personal-exchange', 'joint-planning', 'joint-institute', 'joint-research-project'],
    2, 20, 2, 'jp_fiscal',
    0,
    'https://www.nifs.ac.jp/research/Japan-US/procedure.html (実施計画書)',
    'http://www.nifs.ac.jp/collaboration/Japan-US/009.html (fiscal year 2017; 内容変更届, with the key person''s consent)',
    'http://www.nifs.ac.jp/collaboration/Japan-US/011.html (事業報告書)',
    'https://www.nifs.ac.jp/research/Japan-US/procedure.html',
    committee.id, agreement.id,
    'A request sheet (希望調書), selection with its days, an implementation plan (実施計画書) two months ahead, a change notice (内容変更届) for every change, never more days than selected, travel finished by the end of February, and an activity report (事業報告書) within 20 days of return. The American side applies to DOE separately.',
    'https://www.nifs.ac.jp/research/Japan-US/procedure.html ; http://www.nifs.ac.jp/collaboration/Japan-US/outline.html ; http://www.nifs.ac.jp/collaboration/Japan-US/009.html (fiscal year 2017) ; http://www.nifs.ac.jp/collaboration/Japan-US/011.html'
from core.committee, core.agreement
where committee.code = 'ccfe' and agreement.code = 'sta'
on conflict (code) do update set
    name_en = excluded.name_en,
    name_ja = excluded.name_ja,
    categories = excluded.categories,
    plan_months_before = excluded.plan_months_before,
    report_days_after = excluded.report_days_after,
    ends_by_month = excluded.ends_by_month,
    year_kind = excluded.year_kind,
    change_days_before = excluded.change_days_before,
    plan_source = excluded.plan_source,
    change_source = excluded.change_source,
    report_source = excluded.report_source,
    end_source = excluded.end_source,
    committee_id = excluded.committee_id,
    agreement_id = excluded.agreement_id,
    note = excluded.note,
    source = excluded.source;

insert into core.scheme_category (scheme_id, code, place, name_en, name_ja, source)
select scheme.id, entry.code, entry.place, entry.name_en, entry.name_ja, 'http://www.nifs.ac.jp/collaboration/Japan-US/outline.html'
from (values
('personal-exchange', 1, 'Personal exchange', '一般交流計画'),
('joint-planning', 2, 'Joint planning', '共同計画'),
('joint-institute', 3, 'Joint Institute for Fusion Theory', '核融合理論共同研究組織'),
('joint-research-project', 4, 'Joint research project', '共同プロジェクト')
) as entry (code, place, name_en, name_ja)
join core.scheme as scheme on scheme.code = 'jp-us-fusion'
on conflict (scheme_id, code) do update set
    place = excluded.place,
    name_en = excluded.name_en,
    name_ja = excluded.name_ja,
    source = excluded.source;
