using System.Collections.Concurrent;
using Npgsql;

namespace PersonalLlm.Load;

/// <summary>Asks the database ten times a second what its sessions are at, so that a slow run says what it waited for.</summary>
internal sealed class WaitSampler : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _seen = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;
    private int _samples;

    public WaitSampler(string connectionString) => _sampling = SampleAsync(connectionString);

    /// <summary>Sessions at this, on average over the run; the most frequent first.</summary>
    public IEnumerable<(string At, double Sessions)> Findings =>
        _seen.OrderByDescending(pair => pair.Value).Take(12).Select(pair => (pair.Key, (double)pair.Value / Math.Max(1, _samples)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        _stop.Dispose();
    }

    private async Task SampleAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        while (!_stop.IsCancellationRequested)
        {
            await using (var ask = new NpgsqlCommand("""
                SELECT state || ' · ' || coalesce(wait_event_type || ':' || wait_event, 'on the processor') || ' · ' || left(regexp_replace(query, '\s+', ' ', 'g'), 90), count(*)
                FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' GROUP BY 1
                """, connection))
            {
                await using var rows = await ask.ExecuteReaderAsync();
                while (await rows.ReadAsync())
                {
                    var count = (int)rows.GetInt64(1);
                    _seen.AddOrUpdate(rows.GetString(0), count, (_, sum) => sum + count);
                }
            }
            _samples++;
            await Task.Delay(100, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
