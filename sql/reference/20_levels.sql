-- SPDX-License-Identifier: Apache-2.0
--
-- The five levels of a skill. Names, definitions and cut points are jinzai's own. The scale that they are mapped to is
-- the O*NET level scale, 0 to 7 (O*NET 29.2, U.S. Department of Labor, CC BY 4.0); below 0.5 a skill is not needed.

insert into core.level (level, name_en, name_ja, definition_en, definition_ja, onet_low, onet_high, source)
select entry.level, entry.name_en, entry.name_ja, entry.definition_en, entry.definition_ja,
    entry.onet_low, entry.onet_high,
    'jinzai; scale: O*NET 29.2 level scale, U.S. Department of Labor, CC BY 4.0'
from (values
(1, 'awareness', '基礎理解',
 'Knows what the skill is for, its terms and its hazards, and can follow work that others do.',
 'その技能の目的、用語および危険を理解し、他者の作業を追うことができる。',
 0.50, 1.50),
(2, 'supervised', '指導下で実施',
 'Does routine work under the guidance of someone more experienced, who checks the result.',
 '経験者の指導と結果の確認を受けながら、定型的な作業を行う。',
 1.50, 3.00),
(3, 'independent', '自立して実施',
 'Does the work alone, answers for the result and solves the problems that usually come up.',
 '単独で作業を行って結果に責任を持ち、通常起こる問題を解決する。',
 3.00, 4.50),
(4, 'lead', '指導・統括',
 'Leads others in the work, chooses its methods, and trains and assesses people.',
 '作業を統括して方法を選定し、人を指導し、評価する。',
 4.50, 6.00),
(5, 'authority', '第一人者',
 'Advances the state of the art and is asked for judgement across organizations and countries.',
 '技術水準を前進させ、組織や国を越えて判断を求められる。',
 6.00, 7.00)
) as entry (level, name_en, name_ja, definition_en, definition_ja, onet_low, onet_high)
on conflict (level) do update set
    name_en = excluded.name_en,
    name_ja = excluded.name_ja,
    definition_en = excluded.definition_en,
    definition_ja = excluded.definition_ja,
    onet_low = excluded.onet_low,
    onet_high = excluded.onet_high,
    source = excluded.source;
