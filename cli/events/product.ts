/** The product that makes the events. */
export const productName = "pulumi-defender-cancellation";

/** The project that publishes the product has the product's name, and no company stands behind it. */
export const vendorName: string = productName;

/** The service that the events are about. */
export const serviceName = "Microsoft Defender for Endpoint";
