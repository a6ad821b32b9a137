using PersonalLlm.Engine.Inference.Onnx;
using PersonalLlm.Testing;

namespace PersonalLlm.Engine.Tests.Inference.Onnx;

public sealed class ProbeModelTests
{
    [Fact]
    public void TheProbe_IsTheProductOfTwoMatrices()
    {
        var product = new OnnxWriter("probe");
        product.Node("MatMul", [product.Input("a", OnnxWriter.Float, "m", "k"), product.Input("b", OnnxWriter.Float, "k", "n")], "c");
        product.Output("c", OnnxWriter.Float, "m", "n");
        Assert.Equal(Convert.ToBase64String(product.ToArray()), Convert.ToBase64String(ProbeModel.Bytes));
    }
}
