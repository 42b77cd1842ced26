/// Where each snapshot comes from and what follows from it: as a graph over HTTP, and as OpenLineage events.
@NullMarked
package io.levada.catalog.lineage;

import org.jspecify.annotations.NullMarked;
