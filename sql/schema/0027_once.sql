-- SPDX-License-Identifier: Apache-2.0
--
-- A write's way to its idempotency key.

-- The keys of a day begin with none. A session that has planned the look-up while they filled one page keeps to reading them
-- all until statistics are next taken: by then that may be tens of thousands for each write.
alter function core.write_begin(uuid, uuid, bytea) set enable_seqscan = off;
