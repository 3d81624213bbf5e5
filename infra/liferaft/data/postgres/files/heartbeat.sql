-- One row per epoch, the time of the last second in which this database was the primary: the
-- recovery point objective is measured from it after a restore. The epoch is the one under which
-- the archive is written; without a reign, or in recovery, nothing is written.
set application_name = 'liferaft heartbeat';
do $beat$
declare
    reign text := pg_read_file('/etc/pgbackrest/liferaft/reign', 0, 8, true);
begin
    if reign is not null and not pg_is_in_recovery() then
        insert into liferaft.heartbeat (epoch, at) values (reign::bigint, clock_timestamp())
        on conflict (epoch) do update set at = excluded.at;
    end if;
end
$beat$ \watch 1
