-- SPDX-License-Identifier: Apache-2.0
--
-- What follows when holdings change: each person's timelines, in the skills that changed for that person. Taken with all the
-- skills of the statement, each person of an import looked for 500 skills to change one.

drop function derive.follow_timelines(uuid[], uuid[]);
create function derive.follow_timelines(p_person uuid, p_skills uuid[]) returns void
language plpgsql as $$
declare
    v_subjects uuid[] := array(select distinct s.subject_id from derive.skill_subject s where s.skill_id = any (p_skills));
    v_before derive.movement[] := array(select m from derive.movements(p_person, v_subjects) m);
begin
    perform derive.retime(p_person, p_skills);
    perform derive.append_changes(p_person, v_subjects, v_before);
end
$$;
comment on function derive.follow_timelines(uuid, uuid[]) is 'Brings a person''s timelines in these skills up to date, and supply with them';

create or replace function derive.follow_holding() returns trigger
language plpgsql security definer as $$
declare
    v_persons uuid[]; -- with v_skills what changed, a skill of a person each
    v_skills uuid[];
    v_person uuid;
    v_own uuid[];
begin
    if tg_op = 'INSERT' then
        select array_agg(n.person_id), array_agg(n.skill_id) into v_persons, v_skills from after n;
    elsif tg_op = 'DELETE' then
        select array_agg(o.person_id), array_agg(o.skill_id) into v_persons, v_skills from before o;
    else
        select array_agg(x.person_id), array_agg(x.skill_id) into v_persons, v_skills
        from (select n.person_id, n.skill_id from after n union all select o.person_id, o.skill_id from before o) x;
    end if;
    if v_persons is not null then
        perform derive.lock_people(v_persons);
        for v_person, v_own in
            select x.person_id, array_agg(distinct x.skill_id)
            from unnest(v_persons, v_skills) as x (person_id, skill_id)
            group by x.person_id order by x.person_id
        loop
            perform derive.follow_timelines(v_person, v_own);
        end loop;
    end if;
    return null;
end
$$;
alter function derive.follow_holding() owner to jinzai_derive;
comment on function derive.follow_holding() is 'After holdings changed: follows with the timelines of their people';
