namespace VipOperator.Lab.ApiServer.Documents;

/// <summary>Text that should have been JSON or YAML and is not.</summary>
internal sealed class MalformedDocumentException(string message, Exception? inner = null) : Exception(message, inner);
