using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VipOperator.Lab.ApiServer.Serving;

/// <summary>
/// A certificate authority of our own and the server certificate it signed; both live as long as a lab.
/// </summary>
internal sealed class ServingCertificate : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(365);

    private ServingCertificate(X509Certificate2 server, string caPem) => (Server, CaPem) = (server, caPem);

    public X509Certificate2 Server { get; }

    public string CaPem { get; }

    public static ServingCertificate Create(DateTimeOffset now)
    {
        using ECDsa caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest caRequest = new("CN=vip-lab-ca", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        caRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        // A clock that is set back a little must not make the certificate invalid.
        DateTimeOffset from = now.AddMinutes(-10), to = now + Validity;
        using X509Certificate2 ca = caRequest.CreateSelfSigned(from, to);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (string name in new[] { "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc" })
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        using X509Certificate2 signed = request.Create(ca, from, to, serial);
        return new ServingCertificate(signed.CopyWithPrivateKey(key), ca.ExportCertificatePem());
    }

    public void Dispose() => Server.Dispose();
}
