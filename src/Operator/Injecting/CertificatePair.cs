using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VipOperator.Operator.Injecting;

/// <summary>
/// A certificate of the webhook with its key, and the authority that signed it. Each has an authority of its own, whose
/// key is forgotten as soon as it has signed: there is none that could be stolen.
/// </summary>
/// <param name="Chain">PEM: the certificate, then its authority.</param>
/// <param name="Key">PEM, PKCS #8.</param>
/// <param name="Authority">PEM: the authority alone.</param>
internal sealed record CertificatePair(
    string Chain, string Key, string Authority, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>It is valid from a while ago, for API servers whose clock is late.</summary>
    public static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    /// <summary>Replaced when so much of its time is left: long enough for somebody to notice that it fails.</summary>
    public static readonly TimeSpan Rest = Lifetime / 3;

    public bool IsValidAt(DateTimeOffset now) => NotBefore <= now && now < NotAfter;

    /// <param name="host">The name by which API servers call.</param>
    public static CertificatePair Issue(string host, DateTimeOffset now)
    {
        DateTimeOffset from = now - Backdated, until = from + Lifetime;
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new(
            $"CN=vip-operator {from:yyyy-MM-dd HH:mm:ss}", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        X509SubjectKeyIdentifierExtension identifier = new(authorityRequest.PublicKey, false);
        authorityRequest.CertificateExtensions.Add(identifier);
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, until);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=vip-operator webhook", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        using X509Certificate2 certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, serial);

        string authorityPem = authority.ExportCertificatePem();
        return new CertificatePair(
            $"{certificate.ExportCertificatePem()}\n{authorityPem}\n",
            key.ExportPkcs8PrivateKeyPem() + "\n",
            authorityPem + "\n",
            certificate.NotBefore,
            certificate.NotAfter);
    }

    /// <summary>
    /// null: not a certificate for this host with its key and its authority, whoever wrote that there.
    /// </summary>
    public static CertificatePair? Read(string chain, string key, string host)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPem(chain);
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(chain, key);
            if (certificates.Count != 2 || !certificate.MatchesHostname(host))
                return null;
            using X509Chain trust = new()
            {
                ChainPolicy =
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { certificates[1] },
                    RevocationMode = X509RevocationMode.NoCheck,
                    VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
                    DisableCertificateDownloads = true,
                },
            };
            return trust.Build(certificate)
                ? new CertificatePair(
                    chain, key, certificates[1].ExportCertificatePem() + "\n",
                    certificate.NotBefore, certificate.NotAfter)
                : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
                certificate.Dispose();
        }
    }

    /// <summary>Not disposed of: connections that began with it may still use it.</summary>
    public SslStreamCertificateContext ToContext() =>
        SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(Chain, Key), null, offline: true);
}
