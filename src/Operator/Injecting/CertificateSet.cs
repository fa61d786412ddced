using System.Text;

namespace VipOperator.Operator.Injecting;

/// <summary>
/// What the webhook's Secret holds: the latest certificate, and for the time of the change the one before. API servers
/// are told to trust both authorities, and the latest is not served before they all know.
/// </summary>
internal sealed record CertificateSet(CertificatePair? Latest, CertificatePair? Earlier)
{
    private const string LatestChain = "tls.crt";
    private const string LatestKey = "tls.key";
    private const string EarlierChain = "earlier.crt";
    private const string EarlierKey = "earlier.key";

    /// <summary>How long a certificate is announced before it is served.</summary>
    public static readonly TimeSpan Announcement = TimeSpan.FromHours(1);

    /// <summary>PEM: the authorities that API servers are to trust; empty: there is none.</summary>
    public string Authorities => Latest?.Authority + Earlier?.Authority;

    /// <summary>What cannot be read, or is for another host, is not there.</summary>
    public static CertificateSet Read(IReadOnlyDictionary<string, byte[]>? data, string host)
    {
        return new CertificateSet(Pair(LatestChain, LatestKey), Pair(EarlierChain, EarlierKey));

        CertificatePair? Pair(string chain, string key) =>
            data is not null && data.TryGetValue(chain, out byte[]? chainText)
            && data.TryGetValue(key, out byte[]? keyText)
                ? CertificatePair.Read(Encoding.UTF8.GetString(chainText), Encoding.UTF8.GetString(keyText), host)
                : null;
    }

    public Dictionary<string, byte[]> Write()
    {
        Dictionary<string, byte[]> data = [];
        Put(Latest, LatestChain, LatestKey);
        Put(Earlier, EarlierChain, EarlierKey);
        return data;

        void Put(CertificatePair? pair, string chain, string key)
        {
            if (pair is null)
                return;
            data[chain] = Encoding.UTF8.GetBytes(pair.Chain);
            data[key] = Encoding.UTF8.GetBytes(pair.Key);
        }
    }

    /// <summary>As it should be now; this very set where nothing is to be done.</summary>
    public CertificateSet At(DateTimeOffset now, string host)
    {
        // One from the future was made while a clock was wrong; API servers whose clock is right do not take it.
        if (Latest is null || now < Latest.NotBefore || now >= Latest.NotAfter - CertificatePair.Rest)
            return new CertificateSet(CertificatePair.Issue(host, now), Latest?.IsValidAt(now) == true ? Latest : null);
        return Earlier is not null && now >= Earlier.NotAfter ? this with { Earlier = null } : this;
    }

    /// <summary>What is served now; null: there is nothing.</summary>
    public CertificatePair? ServedAt(DateTimeOffset now)
    {
        if (Latest is null || Earlier?.IsValidAt(now) != true)
            return Latest ?? Earlier;
        return now >= Latest.NotBefore + CertificatePair.Backdated + Announcement ? Latest : Earlier;
    }
}
