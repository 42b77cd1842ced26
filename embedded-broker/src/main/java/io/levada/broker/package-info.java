/// The Kafka broker that runs inside a JVM: of local mode, and of the tests.
@NullMarked
package io.levada.broker;

import org.jspecify.annotations.NullMarked;
