-- The archive never lags more than archive_timeout, two seconds and a push, whoever started
-- PostgreSQL. Its checkpointer, which ends segments by time, may sleep through its first
-- checkpoint_timeout: it looks for the first time while the start is still a recovery, and a
-- recovery ends no segments. So this looks every second, ends the segment itself when nobody did,
-- and wakes the checkpointer by a reload. Each time that it acts it says so, on stderr.
set application_name = 'liferaft archive clock';
set statement_timeout = '10s';
set liferaft.segment = '';
set liferaft.since = '';
do $clock$
declare
    spare constant interval := '2s';
    allowed constant interval := current_setting('archive_timeout')::interval;
    reign text := pg_read_file('/etc/pgbackrest/liferaft/reign', 0, 8, true);
    here pg_lsn;
    segment text;
    since timestamptz;
begin
    -- A standby ends no segments, and without a reign nothing is archived.
    if reign is null or pg_is_in_recovery() or allowed = interval '0' then
        return;
    end if;
    here := pg_current_wal_insert_lsn();
    segment := pg_walfile_name(here);
    if current_setting('liferaft.segment') = '' then
        -- Seen for the first time: it was begun after what was archived last, or after the start.
        select greatest(pg_postmaster_start_time(), last_archived_time) into since
        from pg_stat_archiver;
    elsif current_setting('liferaft.segment') <> segment then
        since := clock_timestamp();
    else
        since := current_setting('liferaft.since')::timestamptz;
    end if;
    -- The first 40 bytes of a segment are its header.
    if (here - '0/0'::pg_lsn) % pg_size_bytes(current_setting('wal_segment_size')) <= 40 then
        since := clock_timestamp();
    elsif clock_timestamp() - since > allowed + spare then
        perform pg_switch_wal();
        perform pg_reload_conf();
        raise notice 'ended segment % after % s: nothing else had, and archive_timeout is % s',
            segment, round(extract(epoch from clock_timestamp() - since), 1),
            extract(epoch from allowed)::integer;
    end if;
    perform set_config('liferaft.segment', segment, false);
    perform set_config('liferaft.since', since::text, false);
end
$clock$ \watch 1
