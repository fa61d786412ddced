using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VipOperator.Operator.Tests.Notifying;

/// <summary>A certificate for 127.0.0.1 and the authority that issued it.</summary>
internal sealed class TestCertificate
{
    private TestCertificate(string authorityFile, string certificateFile, string keyFile)
    {
        AuthorityFile = authorityFile;
        CertificateFile = certificateFile;
        KeyFile = keyFile;
    }

    public string AuthorityFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    /// <param name="address">For which it holds.</param>
    public static TestCertificate Create(TestFolder folder, string address = "127.0.0.1")
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddHours(-1), until = from.AddDays(1);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authorityRequest = new("CN=Authority of the test", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, until);

        CertificateRequest request = new("CN=Server of the test", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(authority, from, until, [1, 2, 3]);
        string name = $"{Guid.NewGuid():n}";
        return new TestCertificate(
            folder.Write(name + "-ca.pem", authority.ExportCertificatePem()),
            folder.Write(name + ".pem", certificate.ExportCertificatePem()),
            folder.Write(name + ".key", key.ExportPkcs8PrivateKeyPem()));
    }
}
