-- SPDX-License-Identifier: Apache-2.0
--
-- Fusion skills framework: plant design, project management and public engagement.
-- The labels and definitions are jinzai's own.

insert into core.skill (
    framework_id, parent_id, code, kind, name_en, name_ja, definition_en, definition_ja, pillars, source
)
select framework.id, category.id, entry.code, 'skill', entry.name_en, entry.name_ja,
    entry.definition_en, entry.definition_ja, entry.pillars::text[], 'jinzai'
from (values
-- Reactor system design

('FS-DES-01', 'Systems code analysis', 'システムコード解析',
 'Find consistent design points of a fusion plant by trading physics, engineering and cost against each other.',
 '物理、工学およびコストを総合的に調整し、核融合プラントの整合した設計点を求める。',
 '{science,facilities}'),
('FS-DES-02', 'Conceptual plant design', 'プラント概念設計',
 'Lay out a demonstration or commercial plant with its machine, buildings and services.',
 '原型炉や商用炉について、本体、建屋および付帯設備を含む全体構成を設計する。',
 '{facilities}'),
('FS-DES-03', 'Fusion plant economics', '核融合プラントの経済性評価',
 'Estimate capital, operating and electricity cost with their uncertainty and the levers that lower them.',
 '建設費、運転費および発電単価を不確かさとともに推計し、低減要因を示す。',
 '{science,supply-chain}'),
('FS-DES-04', 'Plant layout and building design', 'プラント配置・建屋設計',
 'Arrange buildings, ports, pipes and cranes so that a plant can be built, run and maintained.',
 '建設、運転および保守が可能となるよう、建屋、ポート、配管およびクレーンを配置する。',
 '{facilities,regulation}'),
('FS-DES-05', 'Multiphysics engineering simulation', 'マルチフィジックス工学シミュレーション',
 'Couple thermal, structural, electromagnetic and fluid analysis of components and validate it by tests.',
 '機器の熱、構造、電磁および流体の連成解析を行い、試験で妥当性を確認する。',
 '{science,facilities}'),
('FS-DES-06', 'Digital engineering and digital twins', 'デジタルエンジニアリング・デジタルツイン',
 'Keep one governed model of a plant through design, construction and operation, and use it to test changes.',
 '設計、建設、運転を通じて一貫したプラントモデルを管理し、変更の検証に活用する。',
 '{facilities,supply-chain}'),
('FS-DES-07', 'Balance of plant integration', 'プラント補機系統合',
 'Integrate cooling, power conversion, services and site systems around a fusion machine.',
 '核融合装置の周囲に、冷却、発電、ユーティリティおよび敷地設備を統合する。',
 '{facilities,supply-chain}'),

-- Project management and systems integration

('FS-PMS-01', 'Systems engineering', 'システムズエンジニアリング',
 'Carry requirements through architecture, interfaces and verification of a first-of-a-kind machine.',
 '初号機の要求事項を、アーキテクチャ、インターフェースおよび検証まで一貫して管理する。',
 '{facilities,supply-chain}'),
('FS-PMS-02', 'Project planning and cost control', '工程計画・コスト管理',
 'Plan and track schedule, cost and risk of a large project and act before they drift.',
 '大型計画の工程、コストおよびリスクを計画・追跡し、逸脱する前に対処する。',
 '{facilities,supply-chain}'),
('FS-PMS-03', 'Interface and configuration management', 'インターフェース・構成管理',
 'Control interfaces, drawings and changes among many suppliers and countries.',
 '多数の供給者や国にまたがるインターフェース、図面および変更を管理する。',
 '{facilities,supply-chain}'),
('FS-PMS-04', 'Procurement and supplier development', '調達・供給者育成',
 'Specify, buy and follow first-of-a-kind components and help suppliers become able to make them.',
 '初号機器の仕様策定、発注および工程管理を行い、供給者の製造能力を育成する。',
 '{supply-chain}'),
('FS-PMS-05', 'Plant commissioning', 'プラント試運転',
 'Bring systems into operation in a proven order, from first power to integrated tests.',
 '受電から総合試験まで、実績ある手順に従って系統を順次立ち上げる。',
 '{facilities}'),
('FS-PMS-06', 'International project coordination', '国際プロジェクト調整',
 'Run joint work across countries with agreed deliverables, languages and decision paths.',
 '成果物、使用言語および意思決定の手順を合意し、国をまたぐ共同作業を推進する。',
 '{science,workforce}'),
('FS-PMS-07', 'Intellectual property and contracts', '知的財産・契約',
 'Negotiate and manage agreements on inventions, data and joint work.',
 '発明、データおよび共同作業に関する契約を交渉し、管理する。',
 '{supply-chain,science}'),
('FS-PMS-08', 'Knowledge transfer and mentoring', '知識継承・指導育成',
 'Pass on practical knowledge of fusion to the next people through documents, training and work done together.',
 '文書、研修および共同作業を通じて、核融合の実践知を次の世代に継承する。',
 '{workforce}'),

-- Public engagement and risk communication

('FS-PUB-01', 'Risk communication', 'リスクコミュニケーション',
 'Explain the hazards and safeguards of fusion in words that the people affected find useful and true.',
 '核融合の危険性と安全対策を、関係する人々にとって有用で正確な言葉で説明する。',
 '{engagement}'),
('FS-PUB-02', 'Community engagement and siting', '地域対話・立地',
 'Listen to and plan with communities that may host a fusion facility.',
 '核融合施設の立地候補となる地域の声を聞き、共に計画を立てる。',
 '{engagement}'),
('FS-PUB-03', 'Education and outreach', '教育・アウトリーチ',
 'Teach fusion in schools and to the public, and open its careers to people who have been left out.',
 '学校や一般社会で核融合を教え、これまで機会の乏しかった人々にもその進路を開く。',
 '{engagement,workforce}'),
('FS-PUB-04', 'Media relations and science writing', '広報・科学ライティング',
 'Write and speak about results for the press and the public without overstating them.',
 '成果を誇張することなく、報道機関と一般の人々に向けて書き、語る。',
 '{engagement}'),
('FS-PUB-05', 'Energy and social policy analysis', 'エネルギー・社会政策分析',
 'Analyse the place of fusion in energy systems and who gains or loses from it.',
 'エネルギーシステムにおける核融合の位置づけと、その便益と負担の分配を分析する。',
 '{engagement,regulation}'),
('FS-PUB-06', 'Workforce transition planning', '労働移行計画',
 'Plan fair routes for workers and regions from declining industries into fusion.',
 '縮小する産業の労働者と地域が核融合へ公正に移行する道筋を計画する。',
 '{engagement,workforce}')
) as entry (code, name_en, name_ja, definition_en, definition_ja, pillars)
join core.framework on framework.code = 'FS'
join core.skill as category on category.code = left(entry.code, 6)
on conflict (code) do update set
    framework_id = excluded.framework_id,
    parent_id = excluded.parent_id,
    kind = excluded.kind,
    name_en = excluded.name_en,
    name_ja = excluded.name_ja,
    definition_en = excluded.definition_en,
    definition_ja = excluded.definition_ja,
    pillars = excluded.pillars,
    source = excluded.source;
