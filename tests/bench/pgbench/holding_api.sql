\set person random(:first, :last)
\set skill random(100001, 100500)
\set level random(1, 5)
select api.holding_create(p_caller => :caller, p_once_key => core.uuid7(), p_once_digest => decode(repeat('5a', 32), 'hex'),
    p_person => :person, p_skill => :skill, p_level => :level, p_starts => '2026-01-01', p_ends => null, p_evidence => 'assessment',
    p_confidence => null, p_assessor => null, p_note => null, p_synthetic => null)::text;
