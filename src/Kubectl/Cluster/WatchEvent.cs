using System.Text.Json;

namespace VipOperator.Kubectl.Cluster;

/// <summary>One change, as the API server words it.</summary>
/// <param name="Type">ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</param>
/// <param name="Object">The object after it; with ERROR a metav1.Status.</param>
internal sealed record WatchEvent(string Type, JsonElement Object)
{
    public const string Deleted = "DELETED";
    public const string Bookmark = "BOOKMARK";
    public const string Error = "ERROR";
}
