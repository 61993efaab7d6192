/** LocalStack starts DynamoDB Local with a Java agent that allows more than twenty indexes. Nothing here needs that. */
public class NoopAgent {
  public static void premain(String arguments) {}
}
