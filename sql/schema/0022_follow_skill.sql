-- SPDX-License-Identifier: Apache-2.0
--
-- What follows a moved skill counts the people who hold it once they are locked, not those who held it before the wait.

create or replace function derive.follow_skill() returns trigger
language plpgsql security definer as $$
declare
    v_skills uuid[];
    v_persons uuid[];
begin
    -- Moves in the tree one at a time: two at once could close a circle that neither sees.
    perform pg_advisory_xact_lock(hashtextextended('jinzai skill tree', 0));
    if tg_op = 'INSERT' then
        select array_agg(n.id) into v_skills from after n;
    else
        with recursive below (id, path) as (
            select n.id, array[n.id] from after n join before o on o.id = n.id
            where (n.parent_id, n.kind, n.pillars) is distinct from (o.parent_id, o.kind, o.pillars)
            union all
            select s.id, b.path || s.id from core.skill s join below b on s.parent_id = b.id
            where s.id <> all (b.path)
        )
        select array_agg(distinct b.id) into v_skills from below b;
        if exists (
            with recursive above (start_id, node_id) as (
                select n.id, n.parent_id from after n where n.parent_id is not null
                union
                select a.start_id, s.parent_id from above a join core.skill s on s.id = a.node_id
                where s.parent_id is not null
            ) select from above a where a.start_id = a.node_id) then
            perform core.fail('invalid_params', 'the skill would stand below itself', 'parent',
                'a skill or category that does not stand below this one');
        end if;
    end if;
    if v_skills is null then
        return null;
    end if;
    -- Writers of holdings hold a key share lock on their skill: wait for them, and let later ones wait for us.
    perform from core.skill s where s.id = any (v_skills) order by s.id for update;
    loop
        v_persons := array(select distinct h.person_id from core.holding h where h.skill_id = any (v_skills));
        perform derive.lock_people(v_persons);
        -- A merge gives a holding to another person and leaves its skill alone, so the lock above did not wait for it; who was
        -- locked may have held the skill no longer, and who holds it may not be locked yet.
        exit when not exists (select from core.holding h where h.skill_id = any (v_skills) and h.person_id <> all (v_persons));
    end loop;
    perform derive.follow_tree(v_persons, v_skills);
    return null;
end
$$;
comment on function derive.follow_skill() is
    'After skills changed: refuses circles, and follows with what the skills below them count towards';
