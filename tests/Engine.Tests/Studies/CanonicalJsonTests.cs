using System.Text.Json.Nodes;
using PersonalLlm.Engine.Studies;

namespace PersonalLlm.Engine.Tests.Studies;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b": 1, "a": [true, null, "x"] , "B" : {} }""", """{"B":{},"a":[true,null,"x"],"b":1}""")]
    // RFC 8785, 3.2.3: keys by their UTF-16 code units.
    [InlineData("""{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}""", "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}")]
    [InlineData("""["\u000f\n'<\"\\\/é"]""", "[\"\\u000f\\n'<\\\"\\\\/é\"]")]
    [InlineData("[]", "[]")]
    public void EqualValues_AreWrittenInOneWay(string json, string canonical)
    {
        Assert.Equal(canonical, CanonicalJson.Write(JsonNode.Parse(json)));
        Assert.Equal(canonical, CanonicalJson.Write(JsonNode.Parse(canonical)));
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("9007199254740993")]
    public void ANumberThatProgramsReadDifferently_IsRefused(string number) =>
        Assert.Throws<ArgumentException>(() => CanonicalJson.Write(JsonNode.Parse(number)));
}
