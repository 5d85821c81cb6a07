-- SPDX-License-Identifier: Apache-2.0
--
-- The sealer's way to the events of a transaction.

-- The inbox is emptied as fast as it fills, so it is mostly rows that are gone, and what was last seen of it says little: an
-- import is one transaction, other writers have one for each event. Taken by the former, a search for one transaction read
-- the whole table for each event that was sealed.
alter table derive.event_inbox alter column transaction set (n_distinct = -1);
alter function derive.seal(bigint) set enable_seqscan = off;
