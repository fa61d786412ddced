using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VipOperator.Operator.Notifying;

/// <summary>Whether a server's certificate is believed.</summary>
internal static class Trust
{
    /// <param name="caFile">PEM; null: the system's roots alone.</param>
    /// <exception cref="DeliveryException">The file cannot be read.</exception>
    public static RemoteCertificateValidationCallback In(string? caFile)
    {
        X509Certificate2Collection? roots = caFile is null ? null : Load(caFile);
        return (_, certificate, chain, errors) => errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && roots is not null
                && certificate is X509Certificate2 leaf && LeadsTo(roots, leaf, chain));
    }

    /// <summary>Encrypts without knowing for whom; for what would go in the clear otherwise.</summary>
    public static RemoteCertificateValidationCallback InAnybody { get; } =
#pragma warning disable CA5359 // See above.
        (_, _, _, _) => true;
#pragma warning restore CA5359

    private static X509Certificate2Collection Load(string path)
    {
        try
        {
            X509Certificate2Collection roots = [];
            roots.ImportFromPemFile(path);
            return roots.Count > 0
                ? roots
                : throw new DeliveryException($"no certificate in PEM form stands in {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new DeliveryException($"the certificates in {path} cannot be read: {e.Message}", cause: e);
        }
    }

    private static bool LeadsTo(X509Certificate2Collection roots, X509Certificate2 leaf, X509Chain? sent)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        // Nothing beside the two ends is asked: lists of revoked certificates lie elsewhere, and may not be reachable.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        return chain.Build(leaf);
    }
}
