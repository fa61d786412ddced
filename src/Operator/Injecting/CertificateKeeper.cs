using System.Net;
using System.Net.Security;
using System.Text;
using VipOperator.Operator.Cluster;
using VipOperator.Operator.Configuration;
using VipOperator.Operator.Observing;

namespace VipOperator.Operator.Injecting;

/// <summary>
/// The webhook's certificates. All instances serve what the Secret holds, without a restart when that changes; the one
/// that leads renews it, and tells API servers whom to trust. Nothing is written but what is to change.
/// </summary>
internal sealed class CertificateKeeper
{
    /// <summary>The name of the one webhook in the chart's MutatingWebhookConfiguration.</summary>
    private const string WebhookName = "inject.vipoperator.io";

    /// <summary>While there is none, and after a failure at first.</summary>
    private static readonly TimeSpan ImpatientInterval = TimeSpan.FromSeconds(1);

    private readonly ApiClient _client;
    private readonly ApiPatience _patience;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly string _host;
    private volatile bool _leads;
    private volatile SslStreamCertificateContext? _serving;

    // Both loops may come to serve one at the moment when this instance begins or ceases to lead.
    private readonly Lock _served = new();
    private CertificatePair? _servedPair;
    private string? _problem;

    public CertificateKeeper(
        ApiClient client,
        ApiPatience patience,
        OperatorSettings settings,
        TimeProvider time,
        OperatorMetrics metrics,
        ILogger<CertificateKeeper> logger)
    {
        _client = client;
        _patience = patience;
        _settings = settings;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _host = $"{settings.InjectionName}.{settings.LeaseNamespace}.svc";
    }

    /// <summary>null: there is none yet. Any thread.</summary>
    public SslStreamCertificateContext? Serving => _serving;

    /// <summary>Serves what the Secret holds, until cancelled.</summary>
    public Task FollowAsync(CancellationToken cancellation) => RepeatAsync(
        async token =>
        {
            if (!_leads)
                Serve(CertificateSet.Read((await ReadSecretAsync(token)).Data, _host));
        },
        cancellation);

    /// <summary>Renews and announces, until cancelled.</summary>
    public async Task LeadAsync(CancellationToken cancellation)
    {
        _leads = true;
        try
        {
            await RepeatAsync(KeepAsync, cancellation);
        }
        finally
        {
            _leads = false;
        }
    }

    private async Task KeepAsync(CancellationToken cancellation)
    {
        SecretDocument secret = await ReadSecretAsync(cancellation);
        CertificateSet held = CertificateSet.Read(secret.Data, _host);
        CertificateSet wanted = held.At(_time.GetUtcNow(), _host);
        if (!ReferenceEquals(held, wanted))
        {
            // With the version that was read, so that of two who both think that they lead, one is refused.
            SecretDocument written = new()
            {
                Metadata = new() { Name = _settings.InjectionName, ResourceVersion = secret.Metadata.ResourceVersion },
                Data = wanted.Write(),
            };
            await _client.ApplyAsync(
                Resource.Secrets, _settings.LeaseNamespace, _settings.InjectionName, "", written,
                ClusterJsonContext.Default.SecretDocument, ClusterJsonContext.Default.AnyDocument, cancellation);
            Log.CertificateIssued(_logger, _host, wanted.Latest!.NotAfter);
        }

        Serve(wanted);
        await AnnounceAsync(wanted, cancellation);
    }

    private async Task AnnounceAsync(CertificateSet certificates, CancellationToken cancellation)
    {
        WebhookConfigurationDocument current = await _client.GetAsync(
            Resource.MutatingWebhookConfigurations, null, _settings.InjectionName,
            ClusterJsonContext.Default.WebhookConfigurationDocument, cancellation);
        byte[] bundle = Encoding.UTF8.GetBytes(certificates.Authorities);
        WebhookDocument? webhook = current.Webhooks?.FirstOrDefault(w => w.Name == WebhookName);
        if (webhook is null)
            throw new InvalidDataException(
                $"The MutatingWebhookConfiguration {_settings.InjectionName} has no webhook {WebhookName}.");
        if (webhook.ClientConfig.CaBundle is { } known && known.AsSpan().SequenceEqual(bundle))
            return;
        WebhookConfigurationDocument wanted = new()
        {
            Metadata = new() { Name = _settings.InjectionName, ResourceVersion = current.Metadata.ResourceVersion },
            Webhooks = [new WebhookDocument
                { Name = WebhookName, ClientConfig = new WebhookClientDocument { CaBundle = bundle } }],
        };
        await _client.ApplyAsync(
            Resource.MutatingWebhookConfigurations, null, _settings.InjectionName, "", wanted,
            ClusterJsonContext.Default.WebhookConfigurationDocument,
            ClusterJsonContext.Default.AnyDocument, cancellation);
        Log.AuthoritiesAnnounced(_logger, _settings.InjectionName);
    }

    private Task<SecretDocument> ReadSecretAsync(CancellationToken cancellation) => _client.GetAsync(
        Resource.Secrets, _settings.LeaseNamespace, _settings.InjectionName,
        ClusterJsonContext.Default.SecretDocument, cancellation);

    private void Serve(CertificateSet certificates)
    {
        CertificatePair? pair = certificates.ServedAt(_time.GetUtcNow());
        _problem = null;
        lock (_served)
        {
            // Better one that is gone from the Secret than none.
            if (pair is null || pair == _servedPair)
                return;
            _serving = pair.ToContext();
            _servedPair = pair;
        }

        _metrics.SetInjectionCertificateExpiry(pair.NotAfter);
        Log.CertificateServed(_logger, _host, pair.NotAfter);
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> step, CancellationToken cancellation)
    {
        Backoff failures = new(ImpatientInterval, _patience.CertificateInterval);
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                await step(cancellation);
                failures.Reset();
                pause = _serving is null ? ImpatientInterval : _patience.CertificateInterval;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.Code == HttpStatusCode.Conflict)
            {
                pause = failures.Next();
            }
            catch (Exception e)
            {
                pause = failures.Next();
                Report(e.Message);
            }

            await Task.Delay(pause, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Tried again and again: once is enough to say.
    private void Report(string problem)
    {
        if (Interlocked.Exchange(ref _problem, problem) != problem)
            Log.CertificatesFailed(_logger, _settings.LeaseNamespace, _settings.InjectionName, problem);
    }
}
