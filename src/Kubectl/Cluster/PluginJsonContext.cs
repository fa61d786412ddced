using System.Text.Json;
using System.Text.Json.Serialization;
using VipOperator.Kubectl.Capturing;

namespace VipOperator.Kubectl.Cluster;

/// <summary>What is read beside the objects of our API.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(WatchEvent))]
[JsonSerializable(typeof(CapturedAdvertisement))]
internal sealed partial class PluginJsonContext : JsonSerializerContext;
