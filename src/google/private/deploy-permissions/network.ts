import { Rows } from '../../../terraform/deploy-permissions';

const REGIONAL = 'compute.regionOperations.get';
const GLOBAL = 'compute.globalOperations.get';
/** What is part of a network changes it. */
const IN_NETWORK = 'compute.networks.updatePolicy';

/** Networks, and the ways in and out of them. */
export const NETWORK: Rows = {
  google_compute_network: [
    {
      may: `compute.networks.create compute.networks.delete compute.networks.get compute.networks.update
        compute.networks.updatePolicy ${GLOBAL}`,
    },
    {
      may: 'compute.routes.delete compute.routes.get compute.routes.list',
      when: ['delete_default_routes_on_create=true'],
    },
  ],
  google_compute_subnetwork: [
    {
      may: `compute.subnetworks.create compute.subnetworks.delete compute.subnetworks.expandIpCidrRange
        compute.subnetworks.get compute.subnetworks.setPrivateIpGoogleAccess compute.subnetworks.update ${IN_NETWORK}
        ${REGIONAL}`,
    },
  ],
  google_compute_subnetwork_iam_member: [
    { may: 'compute.subnetworks.getIamPolicy compute.subnetworks.setIamPolicy' },
  ],
  'data google_compute_subnetwork': [{ may: 'compute.subnetworks.get' }],
  google_compute_route: [
    { may: `compute.routes.create compute.routes.delete compute.routes.get ${IN_NETWORK} ${GLOBAL}` },
  ],
  google_compute_router: [
    {
      may: `compute.routers.create compute.routers.delete compute.routers.get compute.routers.update ${IN_NETWORK}
        ${REGIONAL}`,
    },
  ],
  google_compute_router_nat: [
    { may: `compute.routers.get compute.routers.update ${IN_NETWORK} ${REGIONAL}` },
  ],
  google_compute_address: [
    { may: `compute.addresses.get compute.addresses.setLabels ${REGIONAL}` },
    {
      may: `compute.addresses.createInternal compute.addresses.deleteInternal compute.subnetworks.use`,
      when: ['address_type=INTERNAL'],
    },
    { may: 'compute.addresses.create compute.addresses.delete', when: ['address_type=EXTERNAL'] },
  ],
  google_compute_network_attachment: [
    {
      may: `compute.networkAttachments.create compute.networkAttachments.delete compute.networkAttachments.get
        compute.networkAttachments.update compute.subnetworks.use ${REGIONAL}`,
    },
  ],
  google_compute_forwarding_rule: [
    {
      // What leads to a service of someone else is registered in Service Directory.
      may: `compute.addresses.use compute.addresses.useInternal compute.forwardingRules.create
        compute.forwardingRules.delete compute.forwardingRules.get compute.forwardingRules.pscCreate
        compute.forwardingRules.pscDelete compute.forwardingRules.pscSetLabels compute.forwardingRules.pscUpdate
        compute.forwardingRules.setLabels compute.forwardingRules.update compute.networks.use compute.subnetworks.use
        ${REGIONAL} servicedirectory.namespaces.create servicedirectory.namespaces.delete
        servicedirectory.services.create servicedirectory.services.delete`,
    },
  ],
  google_compute_global_address: [
    {
      may: `compute.globalAddresses.create compute.globalAddresses.delete compute.globalAddresses.get
        compute.globalAddresses.setLabels ${GLOBAL}`,
    },
  ],
  google_compute_region_network_endpoint_group: [
    {
      may: `compute.regionNetworkEndpointGroups.create compute.regionNetworkEndpointGroups.delete
        compute.regionNetworkEndpointGroups.get ${REGIONAL}`,
    },
  ],
  google_compute_backend_service: [
    {
      may: `compute.backendServices.create compute.backendServices.delete compute.backendServices.get
        compute.backendServices.update compute.regionNetworkEndpointGroups.use ${GLOBAL}`,
    },
    {
      may: 'compute.backendServices.setSecurityPolicy compute.securityPolicies.use',
      when: ['security_policy', 'edge_security_policy'],
    },
  ],
  google_compute_url_map: [
    {
      may: `compute.backendServices.use compute.urlMaps.create compute.urlMaps.delete compute.urlMaps.get
        compute.urlMaps.update ${GLOBAL}`,
    },
  ],
  google_compute_managed_ssl_certificate: [
    {
      may: `compute.sslCertificates.create compute.sslCertificates.delete compute.sslCertificates.get ${GLOBAL}`,
    },
  ],
  google_compute_ssl_policy: [
    {
      may: `compute.sslPolicies.create compute.sslPolicies.delete compute.sslPolicies.get compute.sslPolicies.update
        ${GLOBAL}`,
    },
  ],
  google_compute_target_https_proxy: [
    {
      may: `compute.sslCertificates.get compute.sslPolicies.use compute.targetHttpsProxies.create
        compute.targetHttpsProxies.delete compute.targetHttpsProxies.get compute.targetHttpsProxies.setSslCertificates
        compute.targetHttpsProxies.setSslPolicy compute.targetHttpsProxies.setUrlMap compute.targetHttpsProxies.update
        compute.urlMaps.use ${GLOBAL}`,
    },
  ],
  google_compute_global_forwarding_rule: [
    {
      may: `compute.globalAddresses.use compute.globalForwardingRules.create compute.globalForwardingRules.delete
        compute.globalForwardingRules.get compute.globalForwardingRules.setLabels compute.globalForwardingRules.setTarget
        compute.globalForwardingRules.update compute.targetHttpsProxies.use ${GLOBAL}`,
    },
  ],
  google_dns_managed_zone: [
    {
      may: `dns.managedZones.create dns.managedZones.delete dns.managedZones.get dns.managedZones.update
        dns.networks.bindPrivateDNSZone`,
    },
  ],
  google_dns_record_set: [
    {
      may: `dns.changes.create dns.changes.get dns.changes.list dns.managedZones.get dns.resourceRecordSets.create
        dns.resourceRecordSets.delete dns.resourceRecordSets.list dns.resourceRecordSets.update`,
    },
  ],
};
