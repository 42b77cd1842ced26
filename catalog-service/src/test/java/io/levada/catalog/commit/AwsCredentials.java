package io.levada.catalog.commit;

import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/// Credentials that any embedded server takes, where AWS's default chain looks first; what was there before comes back.
final class AwsCredentials implements AutoCloseable {
    private static final Map<String, String> ANY = Map.of("aws.accessKeyId", "any", "aws.secretAccessKey", "any");

    private final Map<String, String> before = new TreeMap<>();

    AwsCredentials() {
        Properties properties = System.getProperties();
        ANY.forEach((name, value) -> {
            before.put(name, properties.getProperty(name, ""));
            properties.setProperty(name, value);
        });
    }

    @Override
    public void close() {
        before.forEach((name, value) -> {
            if (value.isEmpty()) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }
}
