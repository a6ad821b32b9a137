namespace PersonalLlm.Engine.Inference.Onnx;

/// <summary>The smallest model worth computing: c = a · b, float32, any sizes. A test writes it again and compares.</summary>
internal static class ProbeModel
{
    public static byte[] Bytes { get; } = Convert.FromBase64String(
        "CAgSC1BlcnNvbmFsTExNOmdaFQoBYRIQCg4IARIKCgMSAW0KAxIBa1oVCgFiEhAKDggBEgoKAxIBawoDEgFu"
        + "ChkKAWEKAWISAWMaBmNfbm9kZSIGTWF0TXVsYhUKAWMSEAoOCAESCgoDEgFtCgMSAW4SBXByb2JlQgQKABAR");
}
