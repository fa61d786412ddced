using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;

namespace VipOperator.Operator.Notifying;

/// <summary>A message to a webhook: a POST that any answer 2xx ends.</summary>
/// <param name="body">The same at each try, so that a receiver knows by its id what it has already.</param>
internal sealed class WebhookDelivery(WebhookSettings settings, Guid id, byte[] body, TimeProvider time) : IDelivery
{
    public const string DeliveryHeader = "VipOperator-Delivery";

    public static bool TryReadUrl(string text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.UserInfo.Length == 0;

    public async Task TryAsync(CancellationToken cancellation)
    {
        using HttpRequestMessage request = Request();
        // Messages are rare: a connection of their own costs nothing, and takes new files and addresses as they are.
        using SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = settings.Timeout,
            SslOptions = new SslClientAuthenticationOptions
            { RemoteCertificateValidationCallback = Trust.In(settings.CaFile) },
        };
        using HttpClient client = new(handler) { Timeout = settings.Timeout };
        try
        {
            // What it says beside the status is of no interest.
            using HttpResponseMessage answer = await client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!answer.IsSuccessStatusCode)
                throw Refusal(answer);
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException(
                e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message, cause: e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DeliveryException(
                string.Create(CultureInfo.InvariantCulture,
                    $"no answer within {settings.Timeout.TotalSeconds} s"), cause: e);
        }
    }

    private HttpRequestMessage Request()
    {
        if (!TryReadUrl(settings.Url ?? SecretFile.ReadText(settings.UrlFile!), out Uri? url))
            throw new DeliveryException(
                $"what stands in {settings.UrlFile} is no http:// or https:// address without a user's name");
        HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("vip-operator", OperatorVersion.Text));
        request.Headers.Add(DeliveryHeader, id.ToString());
        if (settings.SigningKeyFile is { } keyFile)
            request.Headers.Add(
                WebhookSignature.Header, WebhookSignature.Of(SecretFile.ReadBytes(keyFile), time.GetUtcNow(), body));
        return request;
    }

    // What a key that is being replaced, or a receiver that is being rolled out, may answer for a while is worth
    // another try.
    private DeliveryException Refusal(HttpResponseMessage answer)
    {
        bool passes = (int)answer.StatusCode >= 500
            || answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            or HttpStatusCode.NotFound or HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict
            or HttpStatusCode.MisdirectedRequest
            or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests;
        TimeSpan? wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
        return new DeliveryException(
            string.Create(
                CultureInfo.InvariantCulture, $"the receiver answered {(int)answer.StatusCode} {answer.ReasonPhrase}"),
            isFinal: !passes,
            retryAfter: wait);
    }
}
