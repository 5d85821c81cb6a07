-- SPDX-License-Identifier: Apache-2.0
--
-- The exchange scheme of the Japan-US fusion cooperation as it is administered in Japan, by the pages of NIFS that its
-- source names. Its categories:
--   personal-exchange        一般交流計画              visits long and short, information, workshops
--   joint-planning           共同計画                  fusion technology, fusion physics
--   joint-institute          核融合理論共同研究組織    the Joint Institute for Fusion Theory
--   joint-research-project   共同プロジェクト          joint use of a facility in either country

insert into core.scheme (
    code, name_en, name_ja, categories, plan_months_before, report_days_after, ends_by_month, year_kind,
    committee_id, agreement_id, note, source
)
select 'jp-us-fusion', 'Japan-US fusion exchange program, Japanese side', '日米科学技術協力事業(核融合分野)',
    array['personal-exchange', 'joint-planning', 'joint-institute', 'joint-research-project'],
    2, 20, 2, 'jp_fiscal', committee.id, agreement.id,
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
    committee_id = excluded.committee_id,
    agreement_id = excluded.agreement_id,
    note = excluded.note,
    source = excluded.source;
