-- SPDX-License-Identifier: Apache-2.0
--
-- Committees and joint institutes, and those outside the partnership whose names or abbreviations are mistaken for them.
-- Each fact is of the page that its source names; what is only remembered is marked unverified.

insert into core.committee (
    code, name_en, name_ja, abbreviation, agreement_id, established, note, source, unverified
)
select entry.code, entry.name_en, entry.name_ja, entry.abbreviation, agreement.id, entry.established::date,
    entry.note, entry.source, entry.unverified
from (values
('ccfe', 'Coordinating Committee on Fusion Energy', '日米核融合調整委員会', 'CCFE', 'ccfe-2013', '1979-01-01',
 'Both countries chair it; its yearly meeting agrees the exchange plan, the second was held in Tokyo in April 1980. Not the Culham Centre for Fusion Energy, and not the IEA committee that MEXT calls 核融合調整委員会.',
 'https://world-nuclear-news.org/Articles/Japan-and-USA-form-strategic-partnership-for-fusio (2024-04-11) ; http://www.aec.go.jp/jicst/NC/senmon/old/kakuyugo/siryo/siryo125/siryo03.htm ; http://www.aec.go.jp/jicst/NC/about/hakusho/wp1982/sb2050102.htm ; http://www.aec.go.jp/jicst/NC/about/ugoki/geppou/V25/N04/198008V25N04.html',
 false),
('fppc', 'Fusion Physics Planning Committee', null, 'FPPC', null, null,
 'Unverified: the committee; its field, fusion physics (核融合物理学), is one of the two of joint planning. Not the FPCC of the IEA.',
 'from memory; the field: http://www.nifs.ac.jp/collaboration/Japan-US/outline.html',
 true),
('ftpc', 'Fusion Technology Planning Committee', null, 'FTPC', null, null,
 'Unverified: the committee; its field, fusion technology (核融合炉工学), is one of the two of joint planning.',
 'from memory; the field: http://www.nifs.ac.jp/collaboration/Japan-US/outline.html',
 true),
('jift', 'Joint Institute for Fusion Theory', '核融合理論共同研究組織', 'JIFT', null, '1980-01-01',
 'Its principal site in the United States is the Institute for Fusion Studies at Austin.',
 'https://www.olcf.ornl.gov/tag/us-japan-research-partnership/ ; http://www.nifs.ac.jp/collaboration/Japan-US/outline.html ; https://w3fusion.ph.utexas.edu/ifs/',
 false),
('jp-planning', 'Fusion research planning committee of the Japan-US science and technology cooperation program',
 '日米科学技術協力事業 核融合分野研究計画委員会', null, null, null,
 'Issues the rules of planning on the Japanese side. The English name is a translation.',
 'http://www.nifs.ac.jp/collaboration/Japan-US/implement.html',
 false),
('mext-cfst', 'Committee on fusion science and technology, MEXT', '核融合科学技術委員会', null, null, null,
 'Of Japan alone. The English name is a translation.',
 'https://www.mext.go.jp/b_menu/shingi/gijyutu/gijyutu2/074/gijiroku/1419654_00021.htm',
 false),
('mext-demo-tf', 'Task force on the DEMO development strategy, MEXT', '原型炉開発総合戦略タスクフォース', null, null, null,
 'Of Japan alone. The English name is a translation.',
 'https://www.mext.go.jp/b_menu/shingi/gijyutu/gijyutu2/078/gijiroku/1422482_00011.htm',
 false),
('fesac', 'Fusion Energy Sciences Advisory Committee', null, 'FESAC', null, null,
 'Advises the US DOE.',
 'https://science.osti.gov/fes/fesac/Meetings/200606',
 false),
('iaea-ifrc', 'International Fusion Research Council', '核融合研究評議会', 'IFRC', null, '1971-01-01',
 'Of the IAEA.',
 'https://www.mext.go.jp/a_menu/shinkou/iter/1418740.htm',
 false),
('iea-fpcc', 'Fusion Power Coordinating Committee', '核融合調整委員会', 'FPCC', null, '1975-01-01',
 'Of the IEA; its Japanese name is nearly that of the Coordinating Committee on Fusion Energy, its abbreviation nearly FPPC.',
 'https://www.mext.go.jp/a_menu/shinkou/iter/1418740.htm',
 false)
) as entry (code, name_en, name_ja, abbreviation, agreement_code, established, note, source, unverified)
left join core.agreement on agreement.code = entry.agreement_code
on conflict (code) do update set
    name_en = excluded.name_en,
    name_ja = excluded.name_ja,
    abbreviation = excluded.abbreviation,
    agreement_id = excluded.agreement_id,
    established = excluded.established,
    note = excluded.note,
    source = excluded.source,
    unverified = excluded.unverified;

-- What reports to what.
update core.committee as committee set parent_id = parent.id
from (values
('fppc', 'ccfe'),
('ftpc', 'ccfe'),
('jift', 'ccfe'),
('jp-planning', 'ccfe'),
('mext-demo-tf', 'mext-cfst')
) as entry (code, parent_code)
join core.committee as parent on parent.code = entry.parent_code
where committee.code = entry.code and committee.parent_id is distinct from parent.id;
