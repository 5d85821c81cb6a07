-- SPDX-License-Identifier: Apache-2.0
--
-- The six pillars of the partnership that Japan's MEXT and the US DOE announced in April 2024, as World Nuclear News
-- reported them on 2024-04-11. The wording in both languages is jinzai's own.

insert into core.pillar (code, place, name_en, name_ja, summary_en, summary_ja, source)
select entry.code, entry.place, entry.name_en, entry.name_ja, entry.summary_en, entry.summary_ja,
    'https://world-nuclear-news.org/Articles/Japan-and-USA-form-strategic-partnership-for-fusio (2024-04-11)'
from (values
('science', 1, 'Scientific and technical challenges', '科学的・技術的課題',
 'Work on what still stands between fusion research and commercially viable fusion energy.',
 '商業的に成り立つフュージョンエネルギーの実現に残る科学的・技術的課題に取り組む。'),
('facilities', 2, 'Shared research facilities', '研究開発施設の共用',
 'Share, develop and find access to research and development facilities, each country adding what the other lacks.',
 '研究開発施設を共用・整備して利用の道を開き、両国の強みを補い合う。'),
('regulation', 3, 'Harmonized regulation, codes and standards', '規制・規格・基準の調和',
 'Promote regulation, codes and standards for fusion that fit together internationally.',
 '国際的に整合したフュージョンエネルギーの規制、規格および基準を推進する。'),
('supply-chain', 4, 'Resilient supply chain', '強靱なサプライチェーン',
 'Find opportunities for a resilient supply chain for fusion together with industry.',
 '産業界とともに、フュージョンエネルギーの強靱なサプライチェーンを築く機会を見いだす。'),
('engagement', 5, 'Public engagement and social acceptance', '社会との対話・社会受容',
 'Engage the public on fusion, on its social acceptance and on a just energy transition.',
 'フュージョンエネルギーとその社会受容、公正なエネルギー移行について社会と対話する。'),
('workforce', 6, 'Skills and workforce development', '技能・人材の育成',
 'Develop the skills of a robust, inclusive and diverse workforce for the next decade and beyond.',
 '今後十年とその先を担う、厚みがあり包摂的で多様な人材の技能を育成する。')
) as entry (code, place, name_en, name_ja, summary_en, summary_ja)
on conflict (code) do update set
    place = excluded.place,
    name_en = excluded.name_en,
    name_ja = excluded.name_ja,
    summary_en = excluded.summary_en,
    summary_ja = excluded.summary_ja,
    source = excluded.source;
